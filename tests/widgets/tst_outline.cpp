#include "widgets/outline.h"

#include "tests/support/widgets/network_of.h"
#include "widgets/outline_model.h"

#include <QAbstractItemModelTester>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QSignalSpy>
#include <QTest>

// g++ 12 takes members of a temporary std::variant for uninitialized when it is compared.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

using namespace widgets;
using testing::idOf;
using testing::networkOf;

class OutlineTest : public QObject {
    Q_OBJECT

private slots:
    void layersAreInTopologicalOrder();
    void modelIsSound();
    void selectingIsAnnouncedAndSettingIsNot();
    void deleteIsAWish();
    void renamingInPlaceIsAWish();
    void enterShowsTheProperties();
    void menuConnectsAndDisconnects();
    void readersHearTheWholeLayer();
    void anEditOfTheInputIsReportedOnce();
};

namespace {

constexpr const char* kNet = "28x28x1 -> Conv2D(8, kernel_size=3) -> Flatten -> Dense(10)";

QAction* actionOf(const QMenu* menu, const QString& text) {
    for (QAction* action : menu->actions()) {
        if (action->menu() != nullptr) {
            if (QAction* found = actionOf(action->menu(), text)) {
                return found;
            }
        } else if (action->text() == text) {
            return action;
        }
    }
    return nullptr;
}

} // namespace

void OutlineTest::layersAreInTopologicalOrder() {
    const NetworkValues network = networkOf(kNet);
    OutlineModel model;
    model.setNetwork(network);
    QCOMPARE(model.rowCount(), 4);
    for (int row = 0; row < 4; ++row) {
        QCOMPARE(model.nodeAt(row), network.inference->order[static_cast<std::size_t>(row)]);
    }
}

void OutlineTest::modelIsSound() {
    OutlineModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setNetwork(networkOf(kNet));
    model.setNetwork(networkOf("28x28x1 -> Conv2D(9, kernel_size=3) -> Flatten -> Dense(10)"));
    model.setNetwork({});
    QCOMPARE(model.rowCount(), 0);
}

// A thousand layers were reported one by one.
void OutlineTest::anEditOfTheInputIsReportedOnce() {
    OutlineModel model;
    model.setNetwork(networkOf(kNet));
    const QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    model.setNetwork(networkOf("32x32x1 -> Conv2D(8, kernel_size=3) -> Flatten -> Dense(10)"));
    QCOMPARE(changed.count(), 1);
    QCOMPARE(changed.first().at(0).toModelIndex().row(), 0);
    QCOMPARE(changed.first().at(1).toModelIndex().row(), 3);
    const QModelIndex conv = model.index(1);
    QCOMPARE(conv.data(OutlineModel::ShapeRole).toString(), QStringLiteral("30×30×8"));
    QVERIFY(conv.data(Qt::AccessibleTextRole).toString().contains(QStringLiteral("30×30×8")));
    model.setNetwork(networkOf("32x32x1 -> Conv2D(9, kernel_size=3) -> Flatten -> Dense(10)"));
    QCOMPARE(conv.data(OutlineModel::ShapeRole).toString(), QStringLiteral("30×30×9"));
    QVERIFY(conv.data(Qt::ToolTipRole).toString().contains(QStringLiteral("9 filters")));
}

void OutlineTest::selectingIsAnnouncedAndSettingIsNot() {
    const NetworkValues network = networkOf(kNet);
    Outline outline;
    outline.setNetwork(network);
    QSignalSpy selected(&outline, &Outline::selectionChanged);
    outline.setSelection({idOf(network, "flatten")});
    QCOMPARE(selected.count(), 0);
    QTest::keyClick(outline.list(), Qt::Key_Down);
    QCOMPARE(selected.last().first().value<NodeSet>(), NodeSet{idOf(network, "dense")});
}

void OutlineTest::deleteIsAWish() {
    const NetworkValues network = networkOf(kNet);
    Outline outline;
    outline.setNetwork(network);
    outline.setSelection({idOf(network, "flatten")});
    QSignalSpy wished(&outline, &Outline::wished);
    QTest::keyClick(outline.list(), Qt::Key_Delete);
    QCOMPARE(wished.first().first().value<EditWish>().edits,
             std::vector<nn::Edit>{nn::RemoveNode{idOf(network, "flatten")}});
}

void OutlineTest::renamingInPlaceIsAWish() {
    const NetworkValues network = networkOf(kNet);
    Outline outline;
    outline.setNetwork(network);
    outline.show();
    QVERIFY(QTest::qWaitForWindowActive(&outline));
    outline.setSelection({idOf(network, "dense")});
    QSignalSpy wished(&outline, &Outline::wished);
    outline.list()->setFocus();
    QTest::keyClick(outline.list(), Qt::Key_F2);
    auto* editor = outline.list()->viewport()->findChild<QLineEdit*>();
    QVERIFY(editor != nullptr);
    QCOMPARE(editor->text(), QStringLiteral("dense"));
    QTest::keyClicks(editor, "classes");
    QTest::keyClick(editor, Qt::Key_Return);
    QTRY_COMPARE(wished.count(), 1);
    const NetworkValues after = testing::granted(network, wished.first().first().value<EditWish>());
    QCOMPARE(idOf(after, "classes"), idOf(network, "dense"));
}

void OutlineTest::enterShowsTheProperties() {
    const NetworkValues network = networkOf(kNet);
    Outline outline;
    outline.setNetwork(network);
    outline.setSelection({idOf(network, "dense")});
    QSignalSpy shown(&outline, &Outline::propertiesWished);
    QTest::keyClick(outline.list(), Qt::Key_Return);
    QCOMPARE(shown.first().first().value<nn::NodeId>(), idOf(network, "dense"));
}

void OutlineTest::menuConnectsAndDisconnects() {
    const NetworkValues network = networkOf(kNet);
    Outline outline;
    outline.setNetwork(network);
    outline.setSelection({idOf(network, "conv2d")});
    QSignalSpy wished(&outline, &Outline::wished);
    const std::unique_ptr<QMenu> menu(outline.makeMenu());
    QAction* connectDense = actionOf(menu.get(), "dense");
    QVERIFY(connectDense != nullptr);
    connectDense->trigger();
    const NetworkValues after = testing::granted(network, wished.first().first().value<EditWish>());
    QCOMPARE(nn::inputsOf(*after.graph, idOf(after, "dense")).front(), idOf(after, "conv2d"));
    actionOf(menu.get(), "input_layer")->trigger();
    QCOMPARE(wished.last().first().value<EditWish>().text,
             QStringLiteral("Disconnect input_layer from conv2d"));
}

void OutlineTest::readersHearTheWholeLayer() {
    OutlineModel model;
    model.setNetwork(networkOf(kNet));
    QCOMPARE(model.index(3).data(Qt::AccessibleTextRole).toString(),
             QStringLiteral("Dense dense, 10 units, output 10, 54,090 params"));
}

QTEST_MAIN(OutlineTest)
#include "tst_outline.moc"
