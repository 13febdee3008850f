#include "tests/support/app/window_fixture.h"
#include "tests/support/text_graph.h"

#include "app/template_project.h"

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>
#include <QTimer>
#include <algorithm>

using app::ActionId;
using app::Workspace;
using tests::WindowFixture;

/// The window answers while everything else works. The limits are loose, because machines that run
/// tests are busy; the figures printed are what is to be looked at.
class ResponsivenessTest : public QObject {
    Q_OBJECT

private slots:
    void windowAnswersWhileMnistCnnTrains();
    void editOfAThousandLayersIsQuick();
    void editsLeaveTheLayoutOfTheWindowAlone();
    void windowOpensQuickly();
};

namespace {

constexpr int kPatience = 60'000;

/// Counts how often a widget is laid out.
class LayoutCounter : public QObject {
public:
    explicit LayoutCounter(QWidget* widget) { widget->installEventFilter(this); }
    bool eventFilter(QObject* watched, QEvent* event) override {
        m_layouts += event->type() == QEvent::LayoutRequest ? 1 : 0;
        return QObject::eventFilter(watched, event);
    }
    [[nodiscard]] int layouts() const { return m_layouts; }

private:
    int m_layouts = 0;
};

/// How late a timer of the window fires, in milliseconds.
class LatencyProbe : public QObject {
public:
    LatencyProbe() {
        m_timer.setTimerType(Qt::PreciseTimer);
        connect(&m_timer, &QTimer::timeout, this, [this] {
            const double passed = static_cast<double>(m_clock.nsecsElapsed()) / 1e6;
            m_late.push_back(std::max(0.0, passed - kInterval));
            m_clock.restart();
        });
        m_clock.start();
        m_timer.start(kInterval);
    }

    [[nodiscard]] std::size_t count() const { return m_late.size(); }
    [[nodiscard]] double quantile(double part) {
        std::ranges::sort(m_late);
        return m_late[static_cast<std::size_t>(part * static_cast<double>(m_late.size() - 1))];
    }

private:
    static constexpr int kInterval = 5;
    QTimer m_timer;
    QElapsedTimer m_clock;
    std::vector<double> m_late;
};

} // namespace

void ResponsivenessTest::windowAnswersWhileMnistCnnTrains() {
    WindowFixture fixture;
    nn::Project project = app::templateProject(*nn::findTemplate("mnist-cnn"));
    project.data.source = "fashion-mini";
    project.training.epochs = 1000;
    fixture.session->document.reset(project, {});
    fixture.session->data.load();
    fixture.trigger(ActionId::StartTraining);
    QSignalSpy looks(&fixture.session->inspection, &app::InspectionController::inspected);
    QTRY_VERIFY_WITH_TIMEOUT(fixture.session->training.status().batch.step > 3, kPatience);
    LatencyProbe probe;
    constexpr std::size_t kProbes = 800;
    QTRY_VERIFY_WITH_TIMEOUT(probe.count() > kProbes, kPatience);
    const double typical = probe.quantile(0.5);
    const double late = probe.quantile(0.99);
    const double worst = probe.quantile(1.0);
    qInfo("latency while training: median %.1f ms, 99 %% %.1f ms, worst %.1f ms; %lld looks inside",
          typical, late, worst, static_cast<long long>(looks.count()));
    QVERIFY(looks.count() > 3);
    QVERIFY(late < 100.0);
    QVERIFY(worst < 500.0);

    const std::int64_t before = fixture.session->training.status().batch.step;
    QElapsedTimer clock;
    clock.start();
    fixture.trigger(ActionId::StopTraining);
    QTRY_VERIFY_WITH_TIMEOUT(!fixture.session->training.isActive(), kPatience);
    qInfo("stop took %lld ms, %lld steps", static_cast<long long>(clock.elapsed()),
          static_cast<long long>(fixture.session->training.status().batch.step - before));
}

void ResponsivenessTest::editOfAThousandLayersIsQuick() {
    constexpr int kLayers = 1000;
    constexpr int kEdits = 20;
    WindowFixture fixture;
    std::string text = "16x16x1";
    for (int i = 0; i < kLayers; ++i) {
        text += " -> Conv2D(4, padding=same)";
    }
    nn::Project project;
    project.graph = std::make_shared<const nn::Graph>(tests::graph(text));
    fixture.session->document.reset(project, {});
    QApplication::sendPostedEvents();
    const nn::NodeId id = fixture.session->document.graph().nodes[kLayers / 2].id;
    std::vector<double> took;
    for (int i = 0; i < kEdits; ++i) {
        const std::vector<nn::Edit> edits{
            nn::SetParam{id, "filters", static_cast<std::int64_t>(4 + i % 2 + 1)}};
        QElapsedTimer clock;
        clock.start();
        QVERIFY(fixture.session->document.apply(edits, {}, "Set filters"));
        took.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
    }
    std::ranges::sort(took);
    qInfo("edit to updated summary with %d layers: median %.1f ms, worst %.1f ms", kLayers,
          took[took.size() / 2], took.back());
    QVERIFY(took[took.size() / 2] < 100.0);
}

// Figures in the status bar, the summary and the properties change with every edit; each had the
// whole window laid out anew.
void ResponsivenessTest::editsLeaveTheLayoutOfTheWindowAlone() {
    WindowFixture fixture;
    app::Document& document = fixture.session->document;
    nn::Project project;
    project.graph = std::make_shared<const nn::Graph>(
        tests::graph("32x32x8 -> Conv2D(8) -> ReLU -> GlobalAveragePooling2D -> Dense(10)"));
    document.reset(project, {});
    const nn::NodeId input = document.graph().nodes.front().id;
    const auto edit = [&](std::int64_t side) {
        const nn::Edit edits[] = {
            nn::SetParam{input, "shape", std::vector<std::int64_t>{side, side, 8}}};
        QVERIFY(document.apply(edits, {}, "Edit"));
        for (int i = 0; i < 8; ++i) { // a layout may lead to another
            QApplication::sendPostedEvents();
        }
    };
    for (const std::int64_t side : {48, 32, 48, 32}) {
        edit(side); // room for the longest texts
    }
    const LayoutCounter counter(fixture.window.get());
    for (const std::int64_t side : {48, 32, 48, 32}) {
        edit(side);
    }
    QCOMPARE(counter.layouts(), 0);
}

void ResponsivenessTest::windowOpensQuickly() {
    QElapsedTimer clock;
    clock.start();
    WindowFixture fixture;
    fixture.session->document.reset(app::templateProject(nn::templates().front()), {});
    const QImage first = fixture.window->grab().toImage();
    qInfo("window made, shown and painted in %lld ms", static_cast<long long>(clock.elapsed()));
    QVERIFY(!first.isNull());
    QVERIFY(clock.elapsed() < 5000);
}

QTEST_MAIN(ResponsivenessTest)
#include "tst_responsiveness.moc"
