#include "nn/layers/support/mixing.h"
#include "tests/support/layer_harness.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

using namespace nn;

namespace {

/// What a layer makes of a batch of images.
std::vector<float> run(const std::string& text, const std::vector<float>& images,
                       std::int64_t batch = 1, Phase phase = Phase::Training,
                       const StepKey& key = {.seed = 3}) {
    Parallel parallel(2);
    tests::LayerCase layer = tests::layerCase(text, batch);
    layer.run.phase = phase;
    layer.run.key = key;
    layer.inputs[0] = images;
    tests::runLayer(layer, parallel);
    return layer.output;
}

void compare(const std::vector<float>& found, const std::vector<float>& expected,
             float tolerance = 1e-4F) {
    QCOMPARE(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        QVERIFY2(std::abs(found[i] - expected[i]) < tolerance,
                 qPrintable(QString("%1: %2, expected %3")
                                .arg(i)
                                .arg(static_cast<double>(found[i]))
                                .arg(static_cast<double>(expected[i]))));
    }
}

const std::vector<float> kPixels{255, 0, 0, 100, 50, 25}; // 1×2×3: red, brown

} // namespace

/// Augmentation layers of colours and tones at fixed factors, where the result is known.
class TestColourAugmentation : public QObject {
    Q_OBJECT

private slots:
    void hueTurnsByHalfTheCircle() {
        // Red becomes its opposite cyan; brown (hue 20°) a blue of hue 200°.
        compare(run("1x2x3 -> RandomHue((1, 1))", kPixels), {0, 255, 255, 25, 75, 100});
        compare(run("1x2x3 -> RandomHue((0, 0))", kPixels), kPixels);
    }

    void hueTurnsToBothSides() {
        // A third of the circle: red becomes green or blue.
        std::set<bool> green;
        for (std::uint64_t step = 0; step < 20; ++step) {
            const std::vector<float> y =
                run("1x2x3 -> RandomHue((0.66666667, 0.66666667))", kPixels, 1, Phase::Training,
                    {.seed = 3, .step = step});
            green.insert(y[1] > 250.0F);
            QVERIFY(y[1] > 250.0F || y[2] > 250.0F);
        }
        QCOMPARE(green.size(), std::size_t{2});
    }

    void saturationFromGreyToFull() {
        compare(run("1x2x3 -> RandomSaturation((0, 0))", kPixels), {255, 255, 255, 100, 100, 100});
        compare(run("1x2x3 -> RandomSaturation((0.5, 0.5))", kPixels), kPixels, 1e-2F);
        compare(run("1x2x3 -> RandomSaturation((1, 1))", kPixels),
                {255, 0, 0, 100, 100.0F / 3.0F, 0});
        // 0.25 / 0.75 is a third of the distance from the brightest channel.
        compare(run("1x2x3 -> RandomSaturation((0.25, 0.25))", kPixels),
                {255, 170, 170, 100, 83.3333F, 75});
    }

    void degenerationIsAMixtureWithGrey() {
        const float grey = 0.2989F * 100 + 0.587F * 50 + 0.114F * 25;
        const std::vector<float> y = run("1x2x3 -> RandomColorDegeneration((0.5, 0.5))", kPixels);
        compare({y[3], y[4], y[5]}, {(100 + grey) / 2, (50 + grey) / 2, (25 + grey) / 2});
    }

    void sharpnessBlursKeepsOrSharpens() {
        const std::vector<float> dot{0, 0, 0, 0, 130, 0, 0, 0, 0}; // 3×3×1
        const std::vector<float> blurred{10, 10, 10, 10, 50, 10, 10, 10, 10};
        compare(run("3x3x1 -> RandomSharpness((0, 0))", dot), blurred);
        compare(run("3x3x1 -> RandomSharpness((0.5, 0.5))", dot), dot);
        compare(run("3x3x1 -> RandomSharpness((1, 1))", dot), {0, 0, 0, 0, 210, 0, 0, 0, 0});
    }

    void blurSpreadsADot() {
        std::vector<float> image(25, 0.0F);
        image[12] = 100.0F;
        const std::vector<float> y = run("5x5x1 -> RandomGaussianBlur((1, 1), 3, (1, 1))", image);
        const double side = std::exp(-0.5) / (1.0 + 2.0 * std::exp(-0.5));
        const double middle = 1.0 / (1.0 + 2.0 * std::exp(-0.5));
        QVERIFY(std::abs(static_cast<double>(y[12]) - 100.0 * middle * middle) < 1e-3);
        QVERIFY(std::abs(static_cast<double>(y[11]) - 100.0 * side * middle) < 1e-3);
        QVERIFY(std::abs(static_cast<double>(y[6]) - 100.0 * side * side) < 1e-3);
        QCOMPARE(y[10], 0.0F);
        // The first of two sizes is across.
        const std::vector<float> row =
            run("5x5x1 -> RandomGaussianBlur((1, 1), (5, 1), (1, 1))", image);
        QVERIFY(row[10] > 0.0F && row[2] == 0.0F);
    }

    void blurNeedsOddSizes() {
        const LayerDef& def = *tests::layerCase("5x5x1 -> RandomGaussianBlur", 1).run.def;
        const std::vector<Shape> inputs{{5, 5, 1}};
        const ParamMap params{{"kernel_size", std::vector<std::int64_t>{3, 4}}};
        const auto shape = def.shape({params, inputs});
        QVERIFY(!shape && shape.error().param == "kernel_size");
        QVERIFY(shape.error().message.find("(3, 4)") != std::string::npos ||
                shape.error().message.find("[3, 4]") != std::string::npos);
    }

    void posterizationKeepsBits() {
        const std::vector<float> row{0, 63, 64, 127, 128, 255}; // 1×6×1
        compare(run("1x6x1 -> RandomPosterization((1, 1))", row), {0, 0, 0, 0, 128, 128});
        compare(run("1x6x1 -> RandomPosterization((2, 2))", row), {0, 0, 64, 64, 128, 192});
        compare(run("1x6x1 -> RandomPosterization((8, 8))", row), row);
    }

    void solarizationTurnsWhatIsLight() {
        const std::vector<float> row{0, 63, 100, 127, 128, 255};
        compare(run("1x6x1 -> Solarization", row), {255, 192, 155, 128, 127, 0});
        compare(run("1x6x1 -> Solarization(0, (0.5, 0.5))", row), {0, 63, 100, 127, 127, 0});
        compare(run("1x6x1 -> Solarization((0.2, 0.2), (0.5, 0.5))", row),
                {51, 114, 104, 77, 76, 0});
    }

    void autoContrastUsesTheWholeRange() {
        const std::vector<float> row{50, 50, 100, 75, 125, 150};
        const std::vector<float> wide{0, 0, 127.5F, 63.75F, 191.25F, 255};
        compare(run("1x6x1 -> AutoContrast", row), wide);
        compare(run("1x6x1 -> AutoContrast", row, 1, Phase::Inference), wide);
        const std::vector<float> flat(6, 77.0F);
        compare(run("1x6x1 -> AutoContrast", flat), flat);
    }

    void equalizationSpreadsRanks() {
        // Counts up to each value are 2, 3, 4 and 6: (n − 2) / 4 of the range.
        const std::vector<float> row{10, 10, 11, 12, 13, 13};
        compare(run("1x6x1 -> Equalization", row), {0, 0, 64, 128, 255, 255});
        const std::vector<float> flat(6, 77.0F);
        compare(run("1x6x1 -> Equalization", flat), flat);
    }

    void adaptiveEqualizationOfOneTileIsEqualization() {
        const std::vector<float> row{10, 10, 11, 12, 13, 13, 200, 200}; // 2×4×1
        const std::vector<float> y =
            run("2x4x1 -> ContrastLimitedAdaptiveHistogramEqualization((0, 255), 0, 1)", row, 1,
                Phase::Inference);
        // Nothing lies at the level 0, so the counts 2, 3, 4, 6, 8 are stretched as they are.
        compare(y, {63.75F, 63.75F, 95.625F, 127.5F, 191.25F, 191.25F, 255, 255});
    }

    void adaptiveEqualizationLimitsContrast() {
        std::vector<float> image(64, 100.0F);
        image[0] = 101.0F;
        const auto contrast = [&](const std::string& limit) {
            const std::vector<float> y = run(
                "8x8x1 -> ContrastLimitedAdaptiveHistogramEqualization((0, 255), " + limit + ", 1)",
                image, 1, Phase::Inference);
            return y[0] - y[1];
        };
        QVERIFY(contrast("1") < contrast("0"));
    }

    void perspectiveKeepsTheUpperLeftCorner() {
        std::vector<float> image(81);
        std::iota(image.begin(), image.end(), 1.0F);
        bool moves = false;
        for (std::uint64_t step = 0; step < 10; ++step) {
            const std::vector<float> y = run("9x9x1 -> RandomPerspective((1, 1), 0.5)", image, 1,
                                             Phase::Training, {.seed = 3, .step = step});
            QVERIFY(std::abs(y[0] - 1.0F) < 1e-3F);
            moves = moves || std::abs(y[80] - 81.0F) > 1.0F;
        }
        QVERIFY(moves);
        compare(run("9x9x1 -> RandomPerspective((0, 0), 0.5)", image), image);
        compare(run("9x9x1 -> RandomPerspective((1, 1), 0)", image), image);
    }

    void elasticTransformMovesPixelsALittle() {
        std::vector<float> ramp(400); // 20×20: the column
        for (std::size_t i = 0; i < ramp.size(); ++i) {
            ramp[i] = static_cast<float>(i % 20);
        }
        const std::vector<float> y =
            run("20x20x1 -> RandomElasticTransform((1, 1), (1, 1), fill_mode=nearest)", ramp);
        float farthest = 0.0F;
        for (std::size_t i = 0; i < ramp.size(); ++i) {
            farthest = std::max(farthest, std::abs(y[i] - ramp[i]));
        }
        QVERIFY(farthest > 0.1F && farthest < 4.0F);
        compare(run("20x20x1 -> RandomElasticTransform((1, 1), (0, 0))", ramp), ramp);
    }

    void mixUpKeepsTheSumOfTheBatch() {
        std::vector<float> images(64);
        std::iota(images.begin(), images.end(), 0.0F);
        const std::vector<float> y = run("1x4x1 -> MixUp(1)", images, 16);
        // A pixel is a mixture of the same pixel of two images.
        for (std::size_t i = 0; i < images.size(); ++i) {
            QVERIFY(y[i] >= static_cast<float>(i % 4) - 1e-4F && y[i] <= 60.0F + 3.0F);
        }
        QVERIFY(y != images);
        QVERIFY(y != run("1x4x1 -> MixUp(1)", images, 16, Phase::Training, {.seed = 3, .step = 1}));
    }

    void cutMixTakesARectangleOfAnotherImage() {
        constexpr std::size_t kLength = 64;
        std::vector<float> images;
        for (int image = 0; image < 8; ++image) {
            images.insert(images.end(), kLength, static_cast<float>(image));
        }
        const std::vector<float> y = run("8x8x1 -> CutMix((1, 1))", images, 8);
        std::size_t mixed = 0;
        for (std::size_t image = 0; image < 8; ++image) {
            const auto begin = y.begin() + static_cast<std::ptrdiff_t>(image * kLength);
            const std::set<float> values(begin, begin + kLength);
            QVERIFY(values.size() <= 2);
            mixed += values.size() == 2 ? 1 : 0;
        }
        QVERIFY(mixed > 0);
    }

    void betaNumbersHaveTheRightSpread() {
        for (const double parameter : {0.2, 1.0, 4.0}) {
            double sum = 0.0;
            double squares = 0.0;
            constexpr int kCount = 4000;
            RandomSequence random({.seed = 5});
            for (int i = 0; i < kCount; ++i) {
                const double x = betaNumber(random, parameter);
                QVERIFY(x >= 0.0 && x <= 1.0);
                sum += x;
                squares += (x - 0.5) * (x - 0.5);
            }
            const double variance = 1.0 / (4.0 * (2.0 * parameter + 1.0));
            QVERIFY(std::abs(sum / kCount - 0.5) < 0.03);
            QVERIFY2(std::abs(squares / kCount / variance - 1.0) < 0.12,
                     qPrintable(QString::number(squares / kCount / variance)));
        }
        RandomSequence random({.seed = 6});
        const std::vector<double> parts = dirichletNumbers(random, 4, 1e-6);
        QVERIFY(std::abs(std::accumulate(parts.begin(), parts.end(), 0.0) - 1.0) < 1e-12);
    }

    void randAugmentDoesTheSameToAllImagesOfABatch() {
        // Of equal images only the strength differs: with a fixed one they stay equal.
        std::vector<float> image(2 * 48);
        for (std::size_t i = 0; i < 48; ++i) {
            image[i] = image[48 + i] = static_cast<float>(5 * i % 256);
        }
        std::set<std::vector<float>> found;
        for (std::uint64_t step = 0; step < 30; ++step) {
            const std::vector<float> y = run("4x4x3 -> RandAugment(num_ops=1, factor=(0.3, 0.3))",
                                             image, 2, Phase::Training, {.seed = 3, .step = step});
            found.insert({y.begin(), y.begin() + 48});
        }
        QVERIFY2(found.size() > 6, qPrintable(QString::number(found.size())));
    }

    void coloursNeedThreeChannels() {
        for (const char* type : {"RandomHue", "RandomSaturation", "RandomColorDegeneration",
                                 "RandAugment", "AugMix"}) {
            const LayerDef& def = *tests::layerCase("6x5x3 -> " + std::string(type), 1).run.def;
            const std::vector<Shape> grey{{6, 5, 1}};
            const auto shape = def.shape({{}, grey});
            QVERIFY2(!shape && shape.error().message.find("channels") != std::string::npos, type);
        }
    }
};

QTEST_APPLESS_MAIN(TestColourAugmentation)
#include "tst_colour_augmentation.moc"
