#include "widgets/summary_view.h"

#include "tests/support/widgets/network_of.h"

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QElapsedTimer>
#include <QGuiApplication>
#include <QLabel>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>

// g++ 12 takes members of a temporary std::variant for uninitialized when it is compared.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

using namespace widgets;
using testing::idOf;
using testing::networkOf;

class SummaryViewTest : public QObject {
    Q_OBJECT

private slots:
    void rowsAreKeras();
    void modelIsSound();
    void totalsAreShown();
    void copiesKerasTextAndCsv();
    void clickingARowSelectsTheLayer();
    void settingTheSelectionEmitsNothing();
    void selectionStaysWithItsLayer();
    void updatesKeepScrollAndSelection();
};

namespace {

constexpr const char* kNet = "28x28x1 -> Conv2D(8, kernel_size=3) -> Flatten -> Dense(10)";

QString cell(const SummaryView& view, int row, int column) {
    return view.table()->model()->index(row, column).data().toString();
}

} // namespace

void SummaryViewTest::rowsAreKeras() {
    SummaryView view;
    view.setNetwork(networkOf(kNet));
    QCOMPARE(view.table()->model()->rowCount(), 3);
    QCOMPARE(cell(view, 0, SummaryModel::Layer), QStringLiteral("conv2d"));
    QCOMPARE(cell(view, 0, SummaryModel::OutputShape), QStringLiteral("(None, 26, 26, 8)"));
    QCOMPARE(cell(view, 0, SummaryModel::Params), QStringLiteral("80"));
    QCOMPARE(cell(view, 0, SummaryModel::Macs), QStringLiteral("48,672"));
    QCOMPARE(cell(view, 0, SummaryModel::ReceptiveField), QStringLiteral("3×3"));
    QCOMPARE(cell(view, 2, SummaryModel::ConnectedTo), QStringLiteral("flatten"));
}

void SummaryViewTest::modelIsSound() {
    SummaryModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    for (const char* text :
         {kNet, "8x8x1 -> Flatten", "28x28x1 -> Conv2D(9, kernel_size=3) -> Flatten -> Dense(3)"}) {
        const NetworkValues network = networkOf(text);
        const nn::Summary summary = nn::summaryOf(*network.graph, *network.inference);
        model.setSummary(summary);
        QVERIFY(model.summary() == summary);
    }
    model.setSummary({});
    QCOMPARE(model.rowCount(), 0);
}

void SummaryViewTest::totalsAreShown() {
    SummaryView view;
    QVERIFY(view.totalsText().contains("No layers"));
    view.setNetwork(networkOf(kNet));
    QVERIFY2(view.totalsText().contains("54,170"), qPrintable(view.totalsText()));
    // In a narrow view they take more lines; they were cut off.
    const auto* totals = view.findChild<QLabel*>("summary-totals");
    QVERIFY(totals->heightForWidth(300) > totals->heightForWidth(2000));
}

void SummaryViewTest::copiesKerasTextAndCsv() {
    SummaryView view;
    view.setNetwork(networkOf(kNet));
    view.copyAs(SummaryStyle::Keras3);
    QVERIFY(QGuiApplication::clipboard()->text().contains("┃ Layer (type)"));
    view.copyAs(SummaryStyle::Keras2);
    QVERIFY(QGuiApplication::clipboard()->text().contains("=================="));
    view.copyAs(SummaryStyle::Csv);
    QVERIFY(QGuiApplication::clipboard()->text().startsWith("layer,type,output_shape,params"));
}

void SummaryViewTest::clickingARowSelectsTheLayer() {
    const NetworkValues network = networkOf(kNet);
    SummaryView view;
    view.resize(900, 300);
    view.setNetwork(network);
    view.show();
    QSignalSpy selected(&view, &SummaryView::selectionChanged);
    const QRect cellRect = view.table()->visualRect(view.table()->model()->index(1, 1));
    QTest::mouseClick(view.table()->viewport(), Qt::LeftButton, Qt::NoModifier, cellRect.center());
    QCOMPARE(selected.last().first().value<NodeSet>(), NodeSet{idOf(network, "flatten")});
}

void SummaryViewTest::settingTheSelectionEmitsNothing() {
    const NetworkValues network = networkOf(kNet);
    SummaryView view;
    view.setNetwork(network);
    QSignalSpy selected(&view, &SummaryView::selectionChanged);
    view.setSelection({idOf(network, "flatten")});
    QCOMPARE(selected.count(), 0);
    QCOMPARE(view.table()->selectionModel()->selectedRows().front().row(), 1);
}

// With a branch the network is functional, and a row for the input comes first.
void SummaryViewTest::selectionStaysWithItsLayer() {
    SummaryView view;
    const NetworkValues chain = networkOf("8x8x1 -> f: Flatten -> Dense(10)");
    const NetworkValues branched = networkOf("8x8x1 -> f: Flatten -> Dense(10); f -> Dense(5)");
    view.setNetwork(chain);
    view.setSelection({idOf(chain, "f")});
    const auto* table = view.findChild<QTableView*>();
    QCOMPARE(table->selectionModel()->selectedRows().front().data().toString(), QString("f"));
    view.setNetwork(branched);
    QCOMPARE(table->selectionModel()->selectedRows().size(), 1);
    QCOMPARE(table->selectionModel()->selectedRows().front().data().toString(), QString("f"));
}

void SummaryViewTest::updatesKeepScrollAndSelection() {
    const NetworkValues network = networkOf(testing::longChain(200));
    SummaryView view;
    view.resize(900, 300);
    view.setNetwork(network);
    view.show();
    view.setSelection({network.graph->nodes[100].id});
    view.table()->verticalScrollBar()->setValue(1234);
    const nn::Edit edit = nn::SetParam{
        .id = network.graph->nodes[1].id, .param = "filters", .value = std::int64_t{5}};
    view.setNetwork(
        testing::granted(network, {.text = {}, .edits = {edit}, .positions = {}, .select = {}}));
    QCOMPARE(view.table()->verticalScrollBar()->value(), 1234);
    QCOMPARE(view.table()->selectionModel()->selectedRows().size(), 1);
}

QTEST_MAIN(SummaryViewTest)
#include "tst_summary_view.moc"
