#include "nn/layers/support/augmentation.h"
#include "tests/support/layer_harness.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <set>

using namespace nn;

namespace {

/// What a layer makes of images while training; all images of the batch are the same.
std::vector<float> trained(const std::string& text, const std::vector<float>& image,
                           std::int64_t batch = 1, const StepKey& key = {.seed = 3}) {
    Parallel parallel(2);
    tests::LayerCase layer = tests::layerCase(text, batch);
    layer.run.phase = Phase::Training;
    layer.run.key = key;
    layer.inputs[0].clear();
    for (std::int64_t i = 0; i < batch; ++i) {
        layer.inputs[0].insert(layer.inputs[0].end(), image.begin(), image.end());
    }
    tests::runLayer(layer, parallel);
    return layer.output;
}

std::vector<float> rowOfBatch(const std::vector<float>& all, std::size_t length, std::size_t row) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(row * length);
    return {begin, begin + static_cast<std::ptrdiff_t>(length)};
}

void compare(const std::vector<float>& found, const std::vector<float>& expected) {
    QCOMPARE(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        QVERIFY2(std::abs(found[i] - expected[i]) < 1e-5F,
                 qPrintable(QString("%1: %2, expected %3")
                                .arg(i)
                                .arg(static_cast<double>(found[i]))
                                .arg(static_cast<double>(expected[i]))));
    }
}

const std::vector<float> kRow{1, 2, 3, 4};                   // 1×4×1
const std::vector<float> kSquare{1, 2, 3, 4, 5, 6, 7, 8, 9}; // 3×3×1

} // namespace

/// Augmentation layers at fixed factors, where the result is known, and the spread of random ones.
class TestAugmentation : public QObject {
    Q_OBJECT

private slots:
    void fillModes_data();
    void fillModes();
    void quarterTurnIsCounterClockwise();
    void translationMovesDownAndRight();
    void translationMixesNeighbours();
    void zoomKeepsTheMiddle();
    void shearSlantsRows();
    void flipsEveryOtherImage();
    void flipsKnowTheirDirection();
    void factorsStayInTheirBounds();
    void contrastKeepsTheMean();
    void erasesARectangleOfTheRightSize();
    void eachImageAndStepIsDrawnAnew();
    void ownSeedTakesThePlaceOfTheRun();
    void cropCutsTheSamePlaceOfAllImages();
    void predictingLeavesImagesAlone_data();
    void predictingLeavesImagesAlone();
    void oneNumberIsARangeAroundZero();
};

void TestAugmentation::fillModes_data() {
    QTest::addColumn<QByteArray>("mode");
    QTest::addColumn<std::vector<float>>("expected");
    // Two pixels to the right.
    QTest::newRow("constant") << QByteArray("constant") << std::vector<float>{9, 9, 1, 2};
    QTest::newRow("nearest") << QByteArray("nearest") << std::vector<float>{1, 1, 1, 2};
    QTest::newRow("wrap") << QByteArray("wrap") << std::vector<float>{3, 4, 1, 2};
    QTest::newRow("reflect") << QByteArray("reflect") << std::vector<float>{2, 1, 1, 2};
}

void TestAugmentation::fillModes() {
    QFETCH(QByteArray, mode);
    QFETCH(std::vector<float>, expected);
    for (const char* interpolation : {"nearest", "bilinear"}) {
        const std::string text =
            "1x4x1 -> RandomTranslation(0, (0.5, 0.5), fill_value=9, fill_mode=" +
            mode.toStdString() + ", interpolation=" + interpolation + ")";
        compare(trained(text, kRow), expected);
    }
}

void TestAugmentation::quarterTurnIsCounterClockwise() {
    compare(trained("3x3x1 -> RandomRotation((0.25, 0.25))", kSquare), {3, 6, 9, 2, 5, 8, 1, 4, 7});
    compare(trained("3x3x1 -> RandomRotation((0.5, 0.5))", kSquare), {9, 8, 7, 6, 5, 4, 3, 2, 1});
}

void TestAugmentation::translationMovesDownAndRight() {
    const std::string third = "0.33333333333333331";
    compare(
        trained("3x3x1 -> RandomTranslation((" + third + ", " + third + "), 0, fill_mode=constant)",
                kSquare),
        {0, 0, 0, 1, 2, 3, 4, 5, 6});
}

void TestAugmentation::translationMixesNeighbours() {
    compare(trained("1x4x1 -> RandomTranslation(0, (0.125, 0.125), fill_mode=constant)", kRow),
            {0.5, 1.5, 2.5, 3.5});
}

void TestAugmentation::zoomKeepsTheMiddle() {
    // Half of the height and width is seen: pixels between the old ones.
    compare(trained("3x3x1 -> RandomZoom((-0.5, -0.5))", kSquare),
            {3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7});
    compare(trained("1x4x1 -> RandomZoom(0, (-0.5, -0.5))", kRow), {1.75, 2.25, 2.75, 3.25});
}

void TestAugmentation::shearSlantsRows() {
    const std::vector<float> result =
        trained("3x3x1 -> RandomShear(x_factor=(1, 1), fill_mode=constant)", kSquare);
    const std::vector<float> left{1, 2, 3, 5, 6, 0, 9, 0, 0};
    const std::vector<float> right{1, 2, 3, 0, 4, 5, 0, 0, 7};
    compare(result, result[5] == 0.0F ? left : right);
}

void TestAugmentation::flipsEveryOtherImage() {
    constexpr std::size_t kImages = 400;
    const std::vector<float> all =
        trained("1x4x1 -> RandomFlip(horizontal)", kRow, static_cast<std::int64_t>(kImages));
    std::size_t flipped = 0;
    for (std::size_t i = 0; i < kImages; ++i) {
        const std::vector<float> image = rowOfBatch(all, 4, i);
        const bool isFlipped = image == std::vector<float>{4, 3, 2, 1};
        QVERIFY(isFlipped || image == kRow);
        flipped += isFlipped ? 1 : 0;
    }
    QVERIFY(flipped > 150 && flipped < 250); // five deviations
}

void TestAugmentation::flipsKnowTheirDirection() {
    const auto kinds = [](const std::string& mode) {
        const std::vector<float> all = trained("3x3x1 -> RandomFlip(" + mode + ")", kSquare, 64);
        std::set<std::vector<float>> found;
        for (std::size_t i = 0; i < 64; ++i) {
            found.insert(rowOfBatch(all, 9, i));
        }
        return found;
    };
    const std::vector<float> across{3, 2, 1, 6, 5, 4, 9, 8, 7};
    const std::vector<float> down{7, 8, 9, 4, 5, 6, 1, 2, 3};
    const std::vector<float> both{9, 8, 7, 6, 5, 4, 3, 2, 1};
    QVERIFY((kinds("horizontal") == std::set<std::vector<float>>{kSquare, across}));
    QVERIFY((kinds("vertical") == std::set<std::vector<float>>{kSquare, down}));
    QVERIFY((kinds("horizontal_and_vertical") ==
             std::set<std::vector<float>>{kSquare, across, down, both}));
}

void TestAugmentation::factorsStayInTheirBounds() {
    const std::vector<float> gray(4, 100.0F);
    const std::vector<float> all = trained("1x4x1 -> RandomBrightness((-0.1, 0.3))", gray, 300);
    const auto [least, most] = std::ranges::minmax(all);
    QVERIFY(least >= 100.0F - 25.5F - 0.01F && least < 100.0F - 20.0F);
    QVERIFY(most <= 100.0F + 76.5F + 0.01F && most > 100.0F + 70.0F);
    const std::vector<float> bright =
        trained("1x4x1 -> RandomBrightness((1, 1), value_range=(0, 1))", {0.0F, 0.2F, 0.9F, 1.0F});
    compare(bright, {1, 1, 1, 1});
}

void TestAugmentation::contrastKeepsTheMean() {
    // Bounds a, b mean factors from 1 − a to 1 + b.
    // No value leaves the range of values, where it would be cut off.
    const std::vector<float> image{20, 25, 30, 45};
    const std::vector<float> all = trained("1x4x1 -> RandomContrast((0.2, 0.6))", image, 200);
    float least = 10.0F;
    float most = 0.0F;
    for (std::size_t i = 0; i < 200; ++i) {
        const std::vector<float> row = rowOfBatch(all, 4, i);
        const float factor = (row[3] - row[1]) / 20.0F;
        least = std::min(least, factor);
        most = std::max(most, factor);
        QVERIFY(std::abs(row[0] + row[1] + row[2] + row[3] - 120.0F) < 1e-3F);
    }
    QVERIFY(least >= 0.8F - 1e-4F && least < 0.85F);
    QVERIFY(most <= 1.6F + 1e-4F && most > 1.55F);
}

void TestAugmentation::erasesARectangleOfTheRightSize() {
    const std::vector<float> image(16 * 16, 100.0F);
    // The root of 0.25 is half of each side: 8 × 8 pixels of 16 × 16.
    const std::vector<float> all =
        trained("16x16x1 -> RandomErasing((1, 1), (0.25, 0.25), fill_value=7)", image, 20);
    for (std::size_t i = 0; i < 20; ++i) {
        QCOMPARE(std::ranges::count(rowOfBatch(all, 256, i), 7.0F), 64);
    }
    const std::vector<float> never =
        trained("16x16x1 -> RandomErasing((0, 0), (0.25, 0.25), fill_value=7)", image, 20);
    QCOMPARE(std::ranges::count(never, 7.0F), 0);
}

void TestAugmentation::eachImageAndStepIsDrawnAnew() {
    const std::string text = "3x3x1 -> RandomRotation(0.5)";
    const std::vector<float> all = trained(text, kSquare, 3);
    QVERIFY(rowOfBatch(all, 9, 0) != rowOfBatch(all, 9, 1));
    QVERIFY(rowOfBatch(all, 9, 1) != rowOfBatch(all, 9, 2));
    QVERIFY(all == trained(text, kSquare, 3));
    QVERIFY(all != trained(text, kSquare, 3, {.seed = 3, .step = 1}));
    QVERIFY(all != trained(text, kSquare, 3, {.seed = 4}));
    QVERIFY(all != trained(text, kSquare, 3, {.seed = 3, .layer = 1}));
    // The second image of a batch is the first of one that starts with it.
    QVERIFY(rowOfBatch(all, 9, 1) == trained(text, kSquare, 1, {.seed = 3, .firstSample = 1}));
}

void TestAugmentation::ownSeedTakesThePlaceOfTheRun() {
    const std::string text = "3x3x1 -> RandomRotation(0.5, seed=5)";
    QVERIFY(trained(text, kSquare) == trained(text, kSquare, 1, {.seed = 99}));
    QVERIFY(trained(text, kSquare) != trained("3x3x1 -> RandomRotation(0.5, seed=6)", kSquare));
}

void TestAugmentation::cropCutsTheSamePlaceOfAllImages() {
    std::set<std::vector<float>> found;
    for (std::uint64_t step = 0; step < 60; ++step) {
        const std::vector<float> all =
            trained("3x3x1 -> RandomCrop(2, 2)", kSquare, 2, {.seed = 3, .step = step});
        QVERIFY(rowOfBatch(all, 4, 0) == rowOfBatch(all, 4, 1));
        found.insert(rowOfBatch(all, 4, 0));
    }
    QVERIFY((found ==
             std::set<std::vector<float>>{{1, 2, 4, 5}, {2, 3, 5, 6}, {4, 5, 7, 8}, {5, 6, 8, 9}}));
}

void TestAugmentation::predictingLeavesImagesAlone_data() {
    QTest::addColumn<QByteArray>("text");
    for (const char* text : {"RandomFlip",
                             "RandomTranslation(0.3, 0.3)",
                             "RandomRotation(0.3)",
                             "RandomZoom(0.3)",
                             "RandomShear(0.3, 0.3)",
                             "RandomBrightness(0.3)",
                             "RandomContrast(0.3)",
                             "RandomErasing",
                             "RandomInvert",
                             "RandomGrayscale",
                             "RandomCrop(6, 5)",
                             "RandomHue(1)",
                             "RandomSaturation(1)",
                             "RandomColorDegeneration(1)",
                             "RandomSharpness(1)",
                             "RandomGaussianBlur",
                             "RandomElasticTransform",
                             "RandomPerspective",
                             "RandomColorJitter((0, 255), 1, 1, 1, 1)",
                             "RandomPosterization(1)",
                             "Solarization",
                             "Equalization",
                             "MixUp",
                             "CutMix",
                             "RandAugment",
                             "AugMix"}) {
        QTest::newRow(text) << QByteArray(text);
    }
}

void TestAugmentation::predictingLeavesImagesAlone() {
    QFETCH(QByteArray, text);
    Parallel parallel(1);
    tests::LayerCase layer = tests::layerCase("6x5x3 -> " + text.toStdString(), 2);
    layer.run.phase = Phase::Inference;
    tests::runLayer(layer, parallel);
    compare(layer.output, layer.inputs[0]);
}

void TestAugmentation::oneNumberIsARangeAroundZero() {
    const auto check = [](const FactorRange& range, double lower, double upper) {
        QCOMPARE(range.lower, lower);
        QCOMPARE(range.upper, upper);
    };
    check(factorRange({0.25}), -0.25, 0.25);
    check(factorRange({-0.25}), -0.25, 0.25);
    check(factorRange({0.25}, 0.0), 0.0, 0.25);
    check(factorRange({0.5, -0.25}), -0.25, 0.5);
}

QTEST_APPLESS_MAIN(TestAugmentation)
#include "tst_augmentation.moc"
