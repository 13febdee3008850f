#include "tests/support/app/window_fixture.h"

#include "app/log.h"
#include "app/training/epoch_log.h"
#include "app/training/training_controller.h"

#include <QDockWidget>
#include <QListView>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>

namespace {

using std::chrono::milliseconds;

/// The log of a run whose clock the test moves.
class TimedRun {
public:
    explicit TimedRun(int epochs) { begin(epochs); }

    void begin(int epochs, int firstEpoch = 0) {
        m_done = 0;
        emit m_training.started(epochs, firstEpoch);
    }
    void finishEpochs(int count, milliseconds each) {
        for (int i = 0; i < count; ++i) {
            m_now += each;
            emit m_training.epochDone({.epoch = ++m_done, .loss = 0.5});
        }
    }
    /// The numbers of the epochs that have a line.
    [[nodiscard]] QList<int> logged() const {
        QList<int> numbers;
        for (const app::LogEntry& entry : m_log.entries()) {
            numbers << entry.text.section(' ', 1, 1).chopped(1).toInt();
        }
        return numbers;
    }
    [[nodiscard]] const app::Log& log() const { return m_log; }

private:
    app::TrainingController m_training;
    app::Log m_log;
    milliseconds m_now{5000};
    int m_done = 0;
    app::EpochLog m_epochLog{m_training, m_log, [this] { return m_now; }};
};

} // namespace

/// Epochs in the log of the window: it froze when hundreds of them ended in a second.
class EpochLogTest : public QObject {
    Q_OBJECT

private slots:
    void slowEpochsHaveALineEach() {
        TimedRun run(3);
        run.finishEpochs(3, milliseconds(1000));
        QCOMPARE(run.logged(), (QList<int>{1, 2, 3}));
        QCOMPARE(run.log().entries().front().text, QString("Epoch 1: loss 0.5000, 0.0 s"));
    }

    void quickEpochsShareALineASecond() {
        TimedRun run(10'000);
        run.finishEpochs(2'500, milliseconds(1));
        QCOMPARE(run.logged(), (QList<int>{1, 1001, 2001}));
    }

    void theLastEpochHasALine() {
        TimedRun run(300);
        run.finishEpochs(300, milliseconds(1));
        QCOMPARE(run.logged(), (QList<int>{1, 300}));
    }

    void theNextRunBeginsWithALine() {
        TimedRun run(300);
        run.finishEpochs(200, milliseconds(1));
        run.begin(300, 200);
        run.finishEpochs(5, milliseconds(1));
        QCOMPARE(run.logged(), (QList<int>{1, 201}));
    }

    void theWindowLaysItsLogOutOnce() {
        tests::WindowFixture fixture;
        auto* dock = fixture.window->findChild<QDockWidget*>("log");
        dock->show();
        dock->raise();
        auto* view = dock->findChild<QListView*>();
        app::Log& log = fixture.session->log;
        for (int i = 0; i < 50; ++i) {
            log.info("before");
        }
        QTRY_VERIFY(view->verticalScrollBar()->maximum() > 0);
        QTRY_COMPARE(view->verticalScrollBar()->value(), view->verticalScrollBar()->maximum());
        const QSignalSpy scrolled(view->verticalScrollBar(), &QScrollBar::valueChanged);
        for (int i = 0; i < 500; ++i) {
            log.info("together");
        }
        QVERIFY(scrolled.isEmpty());
        QTRY_VERIFY(!scrolled.isEmpty());
        QTRY_COMPARE(view->verticalScrollBar()->value(), view->verticalScrollBar()->maximum());
        QVERIFY2(scrolled.count() <= 2, qPrintable(QString::number(scrolled.count())));
    }

    void theWindowWritesFewLines() {
        tests::WindowFixture fixture;
        const auto before = fixture.session->log.entries().size();
        emit fixture.session->training.started(1'000, 0);
        for (int i = 1; i < 500; ++i) {
            emit fixture.session->training.epochDone({.epoch = i, .loss = 0.5});
        }
        // One for each second this takes, however slow the machine is.
        QVERIFY(fixture.session->log.entries().size() - before < 20);
    }
};

QTEST_MAIN(EpochLogTest)
#include "tst_epoch_log.moc"
