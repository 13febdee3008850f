#include "widgets/params/layer_properties.h"

#include "tests/support/widgets/network_of.h"
#include "widgets/params/param_form.h"
#include "widgets/params/spin_field.h"

#include <QCheckBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

// g++ 12 takes members of a temporary std::variant for uninitialized when it is compared.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

using namespace widgets;
using testing::granted;
using testing::idOf;
using testing::networkOf;

class LayerPropertiesTest : public QObject {
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void withoutSelectionTheNetworkIsShown();
    void oneLayerShowsItsFacts();
    void committingAnArgumentIsAWish();
    void severalLayersAreEditedTogether();
    void mixedKindsOfferNoArguments();
    void changingTheSelectionCommitsWhatWasTyped();
    void renamingIsAWish();
    void takenNamesAreRefused();
    void trainableIsAWishForAll();
    void problemsOfferTheirRepairs();

private:
    void select(std::initializer_list<const char*> names);
    [[nodiscard]] EditWish wish() const {
        return m_wishes->isEmpty() ? EditWish() : m_wishes->last().first().value<EditWish>();
    }

    NetworkValues m_network;
    std::unique_ptr<LayerProperties> m_panel;
    std::unique_ptr<QSignalSpy> m_wishes;
};

void LayerPropertiesTest::init() {
    m_network = networkOf("28x28x1 -> a: Conv2D(8, kernel_size=3) -> b: Conv2D(16, kernel_size=3) "
                          "-> Flatten -> Dense(10)");
    m_panel = std::make_unique<LayerProperties>();
    m_panel->setNetwork(m_network);
    m_wishes = std::make_unique<QSignalSpy>(m_panel.get(), &LayerProperties::wished);
    m_panel->resize(320, 900);
    m_panel->show();
    QVERIFY(QTest::qWaitForWindowActive(m_panel.get()));
}

void LayerPropertiesTest::cleanup() {
    m_wishes.reset();
    m_panel.reset();
}

void LayerPropertiesTest::select(std::initializer_list<const char*> names) {
    NodeSet nodes;
    for (const char* name : names) {
        nodes.insert(idOf(m_network, name));
    }
    m_panel->setSelection(nodes);
}

void LayerPropertiesTest::withoutSelectionTheNetworkIsShown() {
    QCOMPARE(m_panel->nameField()->text(), QString::fromStdString(m_network.graph->name));
    QCOMPARE(m_panel->facts().value("Layers"), QStringLiteral("5"));
    QVERIFY(!m_panel->form()->isVisible());
    QVERIFY(!m_panel->trainableBox()->isVisible());
}

void LayerPropertiesTest::oneLayerShowsItsFacts() {
    select({"a"});
    const QHash<QString, QString> facts = m_panel->facts();
    QCOMPARE(facts.value("Input"), QStringLiteral("28×28×1"));
    QCOMPARE(facts.value("Output"), QStringLiteral("26×26×8"));
    QCOMPARE(facts.value("Parameters"), QStringLiteral("80"));
    QCOMPARE(facts.value("MACs"), QStringLiteral("48,672 per image"));
}

void LayerPropertiesTest::committingAnArgumentIsAWish() {
    select({"a"});
    auto* filters = qobject_cast<SpinField*>(m_panel->form()->field("filters"));
    filters->setFocus();
    filters->selectAll();
    QSignalSpy previews(m_panel.get(), &LayerProperties::wishPreviewed);
    QTest::keyClicks(filters->findChild<QLineEdit*>(), "24");
    QCOMPARE(previews.count(), 2);
    QCOMPARE(m_wishes->count(), 0);
    QTest::keyClick(filters, Qt::Key_Return);
    QCOMPARE(m_wishes->count(), 1);
    QCOMPARE(wish().text, QStringLiteral("Set filters of a to 24"));
    const NetworkValues after = granted(m_network, wish());
    QCOMPARE(after.inference->find(idOf(after, "a"))->output->back(), 24);
}

void LayerPropertiesTest::severalLayersAreEditedTogether() {
    select({"a", "b"});
    auto* size = qobject_cast<SpinField*>(m_panel->form()->field("kernel_size"));
    size->setFocus();
    size->selectAll();
    QTest::keyClicks(size->findChild<QLineEdit*>(), "5");
    QTest::keyClick(size, Qt::Key_Return);
    QCOMPARE(wish().edits.size(), 2U);
    const NetworkValues after = granted(m_network, wish());
    QCOMPARE((*after.inference->find(idOf(after, "b"))->output)[0], 20);
}

void LayerPropertiesTest::mixedKindsOfferNoArguments() {
    select({"a", "dense"});
    QVERIFY(!m_panel->form()->isVisible());
    QVERIFY(!m_panel->nameField()->isVisible());
    QVERIFY(m_panel->trainableBox()->isVisible());
}

void LayerPropertiesTest::changingTheSelectionCommitsWhatWasTyped() {
    select({"a"});
    auto* filters = qobject_cast<SpinField*>(m_panel->form()->field("filters"));
    filters->setFocus();
    QTest::keyClick(filters, Qt::Key_Up);
    QCOMPARE(m_wishes->count(), 0);
    select({"b"});
    QCOMPARE(m_wishes->count(), 1);
    QCOMPARE(wish().edits,
             (std::vector<nn::Edit>{nn::SetParam{
                 .id = idOf(m_network, "a"), .param = "filters", .value = std::int64_t{9}}}));
}

void LayerPropertiesTest::renamingIsAWish() {
    select({"a"});
    m_panel->nameField()->setFocus();
    m_panel->nameField()->selectAll();
    QTest::keyClicks(m_panel->nameField(), "edges");
    QTest::keyClick(m_panel->nameField(), Qt::Key_Return);
    QCOMPARE(m_wishes->count(), 1);
    QVERIFY(idOf(granted(m_network, wish()), "edges") == idOf(m_network, "a"));
}

void LayerPropertiesTest::takenNamesAreRefused() {
    select({"a"});
    m_panel->nameField()->setFocus();
    m_panel->nameField()->selectAll();
    QTest::keyClicks(m_panel->nameField(), "b");
    QTest::keyClick(m_panel->nameField(), Qt::Key_Return);
    QCOMPARE(m_wishes->count(), 0);
}

void LayerPropertiesTest::trainableIsAWishForAll() {
    select({"a", "b"});
    m_panel->trainableBox()->click();
    const NetworkValues after = granted(m_network, wish());
    QVERIFY(!nn::findNode(*after.graph, "a")->trainable);
    QVERIFY(!nn::findNode(*after.graph, "b")->trainable);
}

void LayerPropertiesTest::problemsOfferTheirRepairs() {
    m_network = networkOf("6x6x1 -> c: Conv2D(8, kernel_size=7) -> Flatten");
    m_panel->setNetwork(m_network);
    select({"c"});
    QVERIFY(!m_panel->form()->message("kernel_size").isEmpty());
    auto* repair = m_panel->findChild<QPushButton*>("repair");
    QVERIFY(repair != nullptr);
    repair->click();
    const NetworkValues after = granted(m_network, wish());
    QVERIFY(after.inference->find(idOf(after, "c"))->output.has_value());
    m_panel->setNetwork(after);
    QCOMPARE(m_panel->form()->message("kernel_size"), QString());
}

QTEST_MAIN(LayerPropertiesTest)
#include "tst_layer_properties.moc"
