#include "widgets/problem_list.h"

#include "tests/support/widgets/network_of.h"
#include "widgets/problem_card.h"

#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

using namespace widgets;
using testing::networkOf;

class ProblemListTest : public QObject {
    Q_OBJECT

private slots:
    void soundNetworksSaySo();
    void everyProblemHasACard();
    void choosingAProblemNamesItsLayer();
    void repairsAreWishes();
    void countsAreAnnouncedWhenTheyChange();
};

namespace {

constexpr const char* kBroken = "6x6x1 -> c: Conv2D(8, kernel_size=7) -> Flatten -> Dense(10)";

} // namespace

void ProblemListTest::soundNetworksSaySo() {
    ProblemList list;
    list.setNetwork(networkOf("8x8x1 -> Flatten -> Dense(10, activation=softmax)"));
    list.show();
    QCOMPARE(list.findChildren<ProblemCard*>().size(), 0);
    bool said = false;
    for (const QLabel* label : list.findChildren<QLabel*>()) {
        said = said || (label->isVisible() && label->text().contains("No problems"));
    }
    QVERIFY(said);
}

void ProblemListTest::everyProblemHasACard() {
    const NetworkValues network = networkOf(kBroken);
    ProblemList list;
    list.setNetwork(network);
    QCOMPARE(static_cast<std::size_t>(list.findChildren<ProblemCard*>().size()),
             network.inference->diagnostics.size());
    QVERIFY(list.errorCount() >= 1);
}

void ProblemListTest::choosingAProblemNamesItsLayer() {
    const NetworkValues network = networkOf(kBroken);
    ProblemList list;
    list.setNetwork(network);
    list.show();
    QSignalSpy wished(&list, &ProblemList::nodeWished);
    auto* card = list.findChild<ProblemCard*>();
    QTest::mouseClick(card, Qt::LeftButton, Qt::NoModifier, {4, 4});
    QTest::keyClick(card, Qt::Key_Return);
    QCOMPARE(wished.count(), 2);
    QCOMPARE(wished.first().first().value<nn::NodeId>(), testing::idOf(network, "c"));
}

void ProblemListTest::repairsAreWishes() {
    const NetworkValues network = networkOf(kBroken);
    ProblemList list;
    list.setNetwork(network);
    QSignalSpy wished(&list, &ProblemList::wished);
    list.findChild<QPushButton*>("repair")->click();
    QCOMPARE(wished.count(), 1);
    const auto wish = wished.first().first().value<EditWish>();
    const NetworkValues after = testing::granted(network, wish);
    QVERIFY(after.inference->find(testing::idOf(after, "c"))->output.has_value());
}

void ProblemListTest::countsAreAnnouncedWhenTheyChange() {
    ProblemList list;
    QSignalSpy counts(&list, &ProblemList::countsChanged);
    list.setNetwork(networkOf(kBroken));
    QCOMPARE(counts.count(), 1);
    QCOMPARE(counts.first().first().toInt(), list.errorCount());
    list.setNetwork(networkOf(kBroken));
    QCOMPARE(counts.count(), 1);
}

QTEST_MAIN(ProblemListTest)
#include "tst_problem_list.moc"
