#include "nn/kernels/border.h"
#include "nn/kernels/permute.h"

#include "tests/support/kernel_cases.h"

#include <QTest>

#include <algorithm>
#include <numeric>

using namespace kernel_cases;
using nn::BorderGeometry;

namespace {

struct FrameCase {
    BorderGeometry g{};
    std::vector<float> source{}, expected{};
};

constexpr std::int64_t kImages = 2;

FrameCase frameCase(Dice& dice) {
    FrameCase c{{.sourceHeight = dice.number(1, 9),
                 .sourceWidth = dice.number(1, 9),
                 .targetHeight = dice.number(1, 12),
                 .targetWidth = dice.number(1, 12),
                 .channels = dice.number(1, 20),
                 .top = dice.number(-5, 5),
                 .left = dice.number(-5, 5)}};
    const BorderGeometry& g = c.g;
    c.source = dice.values(kImages * g.sourceHeight * g.sourceWidth * g.channels);
    for (std::int64_t n = 0; n < kImages; ++n)
        for (std::int64_t y = 0; y < g.targetHeight; ++y)
            for (std::int64_t x = 0; x < g.targetWidth; ++x)
                for (std::int64_t k = 0; k < g.channels; ++k) {
                    const std::int64_t sy = y - g.top;
                    const std::int64_t sx = x - g.left;
                    const bool inside =
                        sy >= 0 && sy < g.sourceHeight && sx >= 0 && sx < g.sourceWidth;
                    const std::int64_t from =
                        ((n * g.sourceHeight + sy) * g.sourceWidth + sx) * g.channels + k;
                    c.expected.push_back(inside ? c.source[static_cast<std::size_t>(from)] : 0.0F);
                }
    return c;
}

struct PermuteCase {
    nn::Shape shape{};
    std::vector<std::size_t> order{};
    std::int64_t batch = 1;
    std::vector<float> source{}, expected{};
};

PermuteCase permuteCase(Dice& dice) {
    PermuteCase c;
    std::vector<std::int64_t> extents;
    const std::int64_t rank = dice.number(1, 5);
    for (std::int64_t i = 0; i < rank; ++i) {
        // Around the squares that are turned as a whole.
        extents.push_back(rank < 3 && dice.chance(0.3) ? dice.number(30, 70) : dice.number(1, 6));
    }
    c.shape = nn::Shape(extents);
    c.order.resize(extents.size());
    std::iota(c.order.begin(), c.order.end(), std::size_t{0});
    for (std::size_t i = c.order.size(); i-- > 1;) {
        std::swap(c.order[i],
                  c.order[static_cast<std::size_t>(dice.number(0, static_cast<std::int64_t>(i)))]);
    }
    c.batch = dice.number(1, 3);
    const std::int64_t count = c.shape.count();
    c.source = dice.values(c.batch * count);
    for (std::int64_t at = 0; at < c.batch * count; ++at) {
        // The position in the result, then the same in the source.
        std::int64_t rest = at % count;
        std::vector<std::int64_t> position(extents.size());
        for (std::size_t i = c.order.size(); i-- > 0;) {
            position[c.order[i]] = rest % extents[c.order[i]];
            rest /= extents[c.order[i]];
        }
        std::int64_t from = at / count;
        for (std::size_t axis = 0; axis < extents.size(); ++axis) {
            from = from * extents[axis] + position[axis];
        }
        c.expected.push_back(c.source[static_cast<std::size_t>(from)]);
    }
    return c;
}

} // namespace

/// Kernels that only move values.
class TestMovingKernels : public QObject {
    Q_OBJECT
private slots:
    void framesAndCuts();
    void permutesAxes();
};

void TestMovingKernels::framesAndCuts() {
    nn::Parallel parallel(2);
    const std::string failure = failureOfCases(1, frameCase, [&](const FrameCase& c) {
        std::vector<float> target = unwritten(std::ssize(c.expected));
        nn::copyFramed(parallel, c.g, kImages, c.source, target);
        return std::string(
            target == c.expected && nn::opposite(nn::opposite(c.g)) == c.g ? "" : "wrong frame");
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestMovingKernels::permutesAxes() {
    nn::Parallel parallel(2);
    const std::string failure = failureOfCases(2, permuteCase, [&](const PermuteCase& c) {
        const nn::Permutation permutation(c.shape, c.order);
        std::vector<float> target = unwritten(std::ssize(c.expected));
        permutation.run(parallel, c.batch, c.source, target);
        std::vector<float> back = unwritten(std::ssize(c.source));
        permutation.inverse().run(parallel, c.batch, target, back);
        const bool right = target == c.expected && back == c.source &&
                           (!permutation.isIdentity() || target == c.source);
        return right ? std::string() : nn::shapeText(c.shape);
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

QTEST_APPLESS_MAIN(TestMovingKernels)
#include "tst_moving_kernels.moc"
