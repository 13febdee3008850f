#include "nn/base/mailbox.h"

#include <QTest>
#include <numeric>
#include <semaphore>
#include <thread>

using namespace nn;

class MailboxTest : public QObject {
    Q_OBJECT

private slots:
    void keepsAllMessagesInOrder();
    void wakesOncePerBatch();
    void latestKeepsTheNewestOnly();
    void nothingIsLostBetweenThreads();
};

void MailboxTest::keepsAllMessagesInOrder() {
    Mailbox<int> box;
    QVERIFY(box.take().empty());
    for (int i = 0; i < 5; ++i) {
        (void)box.put(i);
    }
    QCOMPARE(box.take(), (std::vector<int>{0, 1, 2, 3, 4}));
    QVERIFY(box.take().empty());
}

void MailboxTest::wakesOncePerBatch() {
    Mailbox<int> box;
    QVERIFY(box.put(1));
    QVERIFY(!box.put(2));
    (void)box.take();
    QVERIFY(box.put(3));
}

void MailboxTest::latestKeepsTheNewestOnly() {
    Latest<int> latest;
    QVERIFY(!latest.take());
    QVERIFY(latest.put(1));
    QVERIFY(!latest.put(2));
    QCOMPARE(latest.take(), std::optional(2));
    QVERIFY(!latest.take());
    QVERIFY(latest.put(3));
}

/// The receiver sleeps until `put` asks for a wake-up; a wake-up that is missing would hang here.
void MailboxTest::nothingIsLostBetweenThreads() {
    constexpr int perThread = 5'000;
    Mailbox<int> box;
    std::counting_semaphore<> wakeUps(0);
    const auto send = [&](int first) {
        for (int i = 0; i < perThread; ++i) {
            if (box.put(first + i)) {
                wakeUps.release();
            }
        }
    };
    std::vector<int> received;
    {
        const std::jthread a(send, 0);
        const std::jthread b(send, perThread);
        while (received.size() < 2 * perThread) {
            wakeUps.acquire();
            for (const int message : box.take()) {
                received.push_back(message);
            }
        }
    }
    std::ranges::sort(received);
    std::vector<int> expected(2 * perThread);
    std::iota(expected.begin(), expected.end(), 0);
    QCOMPARE(received, expected);
}

QTEST_APPLESS_MAIN(MailboxTest)
#include "tst_mailbox.moc"
