// A chain of 1,000 layers is edited and scrolled.
#include "benchmarks/app/window.h"

#include "nn/model/text_graph.h"

#include "widgets/canvas/canvas_view.h"

#include <QApplication>
#include <QMouseEvent>
#include <benchmark/benchmark.h>

namespace benchmarks {

namespace {

constexpr int kLayers = 1000;

nn::Project chain() {
    std::string text = "32x32x8";
    // Input and the last three are layers, too.
    for (int i = 0; i < (kLayers - 4) / 2; ++i) {
        text += " -> Conv2D(8, padding=same) -> ReLU";
    }
    text += " -> ReLU -> GlobalAveragePooling2D -> Dense(10)";
    nn::Project project;
    project.graph = std::make_shared<const nn::Graph>(nn::textGraph(text).value());
    double y = 0.0;
    for (const nn::Node& node : project.graph->nodes) {
        project.positions[node.id] = {.x = 0.0, .y = y};
        y += 120.0;
    }
    return project;
}

/// The window with the chain on its canvas and the summary below it.
struct ChainWindow : Window {
    ChainWindow() {
        session.document.reset(chain(), {});
        canvas = window.findChild<widgets::CanvasView*>();
        middle = session.document.graph().nodes.at(kLayers / 2 + 1).id;
        canvas->zoomTo(1.0);
        canvas->showNode(middle);
        runFor(300);
    }

    void edit(nn::NodeId node, const char* param, const nn::ParamValue& value) {
        const nn::Edit edits[] = {nn::SetParam{node, param, value}};
        if (!session.document.apply(edits, {}, "Edit")) {
            qFatal("the edit was refused");
        }
    }

    /// Lays out and paints what waits for the next frame.
    void paintPending() {
        QCoreApplication::sendPostedEvents();
        QEvent frame(QEvent::UpdateRequest);
        QCoreApplication::sendEvent(&window, &frame);
    }

    widgets::CanvasView* canvas = nullptr;
    nn::NodeId middle = nn::kNoNode;
};

/// Counts how often a widget is painted: a figure without pictures means nothing.
class PaintCounter : public QObject {
public:
    explicit PaintCounter(QWidget* widget) { widget->installEventFilter(this); }
    bool eventFilter(QObject* watched, QEvent* event) override {
        m_paints += event->type() == QEvent::Paint ? 1 : 0;
        return QObject::eventFilter(watched, event);
    }
    [[nodiscard]] int paints() const { return m_paints; }

private:
    int m_paints = 0;
};

/// One layer changes; everything that shows the network follows.
void editLayer(benchmark::State& state) {
    ChainWindow shown;
    std::int64_t filters = 8;
    for (auto _ : state) {
        filters = filters == 8 ? 16 : 8;
        shown.edit(shown.middle, "filters", filters);
        if (state.range(0) != 0) {
            shown.paintPending();
        }
    }
    shown.paintPending();
}
BENCHMARK(editLayer)->ArgName("painted")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

/// The shape of the input changes, and with it that of every layer.
void editInput(benchmark::State& state) {
    ChainWindow shown;
    const nn::NodeId input = shown.session.document.graph().nodes.front().id;
    std::int64_t side = 32;
    for (auto _ : state) {
        side = side == 32 ? 48 : 32;
        shown.edit(input, "shape", std::vector<std::int64_t>{side, side, 8});
        if (state.range(0) != 0) {
            shown.paintPending();
        }
    }
    shown.paintPending();
}
BENCHMARK(editInput)->ArgName("painted")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

/// A layer is inserted and taken out again by undo: two changes of the structure.
void insertAndUndo(benchmark::State& state) {
    ChainWindow shown;
    const nn::NodeId added = shown.session.document.graph().nextId;
    const nn::Edge edge = shown.session.document.graph().edges.at(kLayers / 2);
    const nn::Edit edits[] = {nn::AddNode{.type = "ReLU"}, nn::InsertOnEdge{added, edge}};
    const app::Positions place = {{added, {.x = 0.0, .y = 0.0}}};
    for (auto _ : state) {
        if (!shown.session.document.apply(edits, place, "Insert")) {
            state.SkipWithError("the edit was refused");
            break;
        }
        shown.session.document.undoStack().undo();
    }
    shown.paintPending();
}
BENCHMARK(insertAndUndo)->Unit(benchmark::kMillisecond);

/// One frame while the drawing is dragged with the middle button; the zoom in percent.
void panCanvas(benchmark::State& state) {
    ChainWindow shown;
    widgets::CanvasView& canvas = *shown.canvas;
    canvas.zoomTo(static_cast<double>(state.range(0)) / 100.0);
    canvas.showNode(shown.middle);
    shown.paintPending();
    const auto send = [&canvas](QEvent::Type type, QPointF at) {
        QMouseEvent event(type, at, canvas.mapToGlobal(at), Qt::MiddleButton, Qt::MiddleButton,
                          Qt::NoModifier);
        QApplication::sendEvent(&canvas, &event);
    };
    const QPointF center(canvas.rect().center());
    send(QEvent::MouseButtonPress, center);
    const PaintCounter counter(&canvas);
    int frame = 0;
    for (auto _ : state) {
        ++frame;
        const int way = frame % 40 < 20 ? frame % 20 : 20 - frame % 20;
        send(QEvent::MouseMove, center + QPointF(3.0 * (way % 5), 7.0 * way));
        shown.paintPending();
    }
    send(QEvent::MouseButtonRelease, center);
    state.counters["paints"] =
        benchmark::Counter(counter.paints(), benchmark::Counter::kAvgIterations);
}
BENCHMARK(panCanvas)->Arg(2)->Arg(10)->Arg(25)->Arg(50)->Arg(100)->Arg(200)->Unit(
    benchmark::kMillisecond);

} // namespace

} // namespace benchmarks
