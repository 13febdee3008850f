#include "nn/model/receptive_field.h"

#include "nn/base/random.h"
#include "tests/support/text_graph.h"

#include <QTest>
#include <map>
#include <set>

using namespace nn;
using tests::graph;
using tests::node;

namespace {

/// One layer of a random chain, along one axis.
struct Slide {
    std::int64_t kernel = 1;
    std::int64_t stride = 1;
    std::int64_t dilation = 1;
    bool same = false;
    std::int64_t input = 1;

    [[nodiscard]] std::int64_t reach() const { return (kernel - 1) * dilation + 1; }
    [[nodiscard]] std::int64_t output() const {
        return same ? (input + stride - 1) / stride : (input - reach()) / stride + 1;
    }
    [[nodiscard]] std::int64_t padding() const {
        return same ? std::max<std::int64_t>((output() - 1) * stride + reach() - input, 0) / 2 : 0;
    }
};

/// The positions of the image that a unit depends on, followed tap by tap; positions in the
/// padding are followed as well.
std::set<std::int64_t> seenBy(const std::vector<Slide>& layers, std::int64_t unit) {
    std::set<std::int64_t> seen{unit};
    for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
        std::set<std::int64_t> before;
        for (const std::int64_t position : seen) {
            for (std::int64_t tap = 0; tap < layer->kernel; ++tap) {
                before.insert(position * layer->stride - layer->padding() + tap * layer->dilation);
            }
        }
        seen = std::move(before);
    }
    return seen;
}

ReceptiveField fieldOf(const Graph& graph, std::string_view name) {
    const Inference inference = infer(graph);
    return receptiveFields(graph, inference, inference.inputs.at(0)).at(node(graph, name));
}

} // namespace

class ReceptiveFieldTest : public QObject {
    Q_OBJECT

private slots:
    void knownNetworks();
    void randomChainsAgreeWithFollowingEveryTap();
    void axesAreIndependent();
    void branchesAreUnited();
    void denseSeesTheWholeImage();
    void onlyLayersBehindTheInputAreListed();
};

void ReceptiveFieldTest::knownNetworks() {
    const Graph twice = graph("28x28x1 -> Conv2D(4, 3) -> x: Conv2D(4, 3)");
    QCOMPARE(fieldOf(twice, "x").vertical, (FieldAxis{5, 1, 0}));
    const Graph pooled = graph("28x28x1 -> Conv2D(4, 3, padding=same) -> MaxPooling2D -> "
                               "x: Conv2D(4, 3, padding=same)");
    QCOMPARE(fieldOf(pooled, "x").vertical, (FieldAxis{8, 2, -3}));
    QCOMPARE(windowOf(fieldOf(pooled, "x"), 3, 5), (PixelWindow{3, 7, 8, 8}));
}

void ReceptiveFieldTest::randomChainsAgreeWithFollowingEveryTap() {
    RandomSequence random({.seed = 7});
    for (int round = 0; round < 60; ++round) {
        std::vector<Slide> layers;
        std::string text = "64x64x1";
        std::int64_t size = 64;
        const std::uint64_t count = 1 + random.below(4);
        for (std::uint64_t i = 0; i < count; ++i) {
            Slide slide{static_cast<std::int64_t>(1 + random.below(5)),
                        static_cast<std::int64_t>(1 + random.below(3)),
                        static_cast<std::int64_t>(1 + random.below(3)), random.below(2) == 0, size};
            slide.dilation = slide.stride > 1 ? 1 : slide.dilation;
            if (!slide.same && slide.reach() > size) {
                continue;
            }
            size = slide.output();
            layers.push_back(slide);
            text += " -> Conv2D(1, kernel_size=" + std::to_string(slide.kernel) +
                    ", strides=" + std::to_string(slide.stride) +
                    ", dilation_rate=" + std::to_string(slide.dilation) +
                    ", padding=" + (slide.same ? "same" : "valid") + ")";
        }
        const FieldAxis field = fieldOf(graph(text + " -> x: ReLU"), "x").horizontal;
        for (const std::int64_t unit : {std::int64_t{0}, size / 2, size - 1}) {
            const std::set<std::int64_t> seen = seenBy(layers, unit);
            QCOMPARE(field.start + unit * field.jump, *seen.begin());
            QCOMPARE(field.size, *seen.rbegin() - *seen.begin() + 1);
        }
    }
}

void ReceptiveFieldTest::axesAreIndependent() {
    const ReceptiveField field =
        fieldOf(graph("28x28x1 -> x: Conv2D(4, kernel_size=(5, 3), strides=(2, 1))"), "x");
    QCOMPARE(field.vertical, (FieldAxis{5, 2, 0}));
    QCOMPARE(field.horizontal, (FieldAxis{3, 1, 0}));
}

void ReceptiveFieldTest::branchesAreUnited() {
    const Graph branches = graph("28x28x1 -> a: Conv2D(4, 3, padding=same); "
                                 "a -> b: Conv2D(4, 5, padding=same); [a, b] -> x: Add");
    QCOMPARE(fieldOf(branches, "x").vertical, (FieldAxis{7, 1, -3}));
}

void ReceptiveFieldTest::denseSeesTheWholeImage() {
    const Graph net = graph("20x12x1 -> Conv2D(4, 3) -> f: Flatten -> x: Dense(3)");
    const ReceptiveField field = fieldOf(net, "x");
    QVERIFY(field.global);
    QCOMPARE(windowOf(field, 4, 4), (PixelWindow{0, 0, 20, 12}));
    QVERIFY(!fieldOf(net, "f").global);
}

void ReceptiveFieldTest::onlyLayersBehindTheInputAreListed() {
    const Graph two = graph("a: 8x8x1 -> Conv2D(2); b: 9x9x1 -> c: Conv2D(2)");
    const auto fields = receptiveFields(two, infer(two), node(two, "b"));
    QCOMPARE(fields.size(), std::size_t{2});
    QVERIFY(fields.contains(node(two, "c")));
}

QTEST_APPLESS_MAIN(ReceptiveFieldTest)
#include "tst_receptive_field.moc"
