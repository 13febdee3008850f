#include "nn/data/fit.h"

#include "tests/support/data_files.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <numeric>

using namespace nn;
using namespace nn::data;

namespace {

Image constant(const ImageShape& shape, std::uint8_t value) {
    return {shape, std::vector<std::uint8_t>(shape.bytes(), value)};
}

Image pattern(const ImageShape& shape) {
    Image image = constant(shape, 0);
    for (std::size_t i = 0; i < image.pixels.size(); ++i) {
        image.pixels[i] = static_cast<std::uint8_t>(i * i * 37 % 256);
    }
    return image;
}

/// One output value by the definition of the triangle filter, in double precision.
double blended(const std::vector<double>& in, std::size_t to, std::size_t at) {
    const double scale = static_cast<double>(in.size()) / static_cast<double>(to);
    const double support = std::max(1.0, scale);
    const double centre = (static_cast<double>(at) + 0.5) * scale - 0.5;
    double sum = 0.0;
    double weights = 0.0;
    for (std::size_t i = 0; i < in.size(); ++i) {
        const double weight =
            std::max(0.0, 1.0 - std::abs(static_cast<double>(i) - centre) / support);
        sum += weight * in[i];
        weights += weight;
    }
    return sum / weights;
}

double referencePixel(const Image& image, const ImageShape& to, std::size_t y, std::size_t x) {
    const auto width = static_cast<std::size_t>(image.shape.width);
    std::vector<double> column;
    for (std::size_t row = 0; row < static_cast<std::size_t>(image.shape.height); ++row) {
        const auto begin = image.pixels.begin() + static_cast<std::ptrdiff_t>(row * width);
        const std::vector<double> values(begin, begin + static_cast<std::ptrdiff_t>(width));
        column.push_back(blended(values, static_cast<std::size_t>(to.width), x));
    }
    return blended(column, static_cast<std::size_t>(to.height), y);
}

Dataset twoImages() {
    return Dataset::fromParts({.shape = {4, 4, 1},
                               .pixels = tests::counting(32),
                               .labels = {1, 0},
                               .classNames = {"a", "b"},
                               .provenance = {"two", "here", "none", "nobody"}})
        .value();
}

} // namespace

class TestFit : public QObject {
    Q_OBJECT

private slots:
    void keepsEqualShapes();
    void keepsConstantImages();
    void equalsTheTriangleFilter_data();
    void equalsTheTriangleFilter();
    void keepsTheMeanWhenHalving();
    void isSymmetric();
    void resizesEachChannelAlone();
    void convertsToRec601Luma();
    void replicatesGrey();
    void dropsAlpha();
    void tellsWhatWillBeDone();
    void fitsDataSets();
    void fitsSubsets();
    void fitsBothPartsOfASource();
    void refusesWhatDoesNotFitIntoMemory();
    void refusesOtherChannels();
};

void TestFit::keepsEqualShapes() {
    const Image image = pattern({5, 7, 3});
    QVERIFY(fitImage(image, {5, 7, 3}) == image);
}

void TestFit::keepsConstantImages() {
    for (const int value : {0, 1, 127, 254, 255}) {
        const auto byte = static_cast<std::uint8_t>(value);
        for (const ImageShape to : {ImageShape{3, 5, 1}, {40, 31, 1}, {1, 1, 1}, {8, 50, 3}}) {
            QVERIFY(fitImage(constant({9, 11, 1}, byte), to) == constant(to, byte));
            QVERIFY(fitImage(constant({9, 11, 3}, byte), to) == constant(to, byte));
        }
    }
}

void TestFit::equalsTheTriangleFilter_data() {
    QTest::addColumn<int>("height");
    QTest::addColumn<int>("width");
    QTest::newRow("larger") << 19 << 32;
    QTest::newRow("smaller") << 4 << 3;
    QTest::newRow("wider and lower") << 3 << 40;
    QTest::newRow("one pixel") << 1 << 1;
}

void TestFit::equalsTheTriangleFilter() {
    QFETCH(const int, height);
    QFETCH(const int, width);
    const Image image = pattern({11, 13, 1});
    const ImageShape to{height, width, 1};
    const Image fitted = fitImage(image, to);
    for (std::size_t y = 0; y < static_cast<std::size_t>(height); ++y) {
        for (std::size_t x = 0; x < static_cast<std::size_t>(width); ++x) {
            const double expected = referencePixel(image, to, y, x);
            const double actual = fitted.pixels[y * static_cast<std::size_t>(width) + x];
            QVERIFY2(std::abs(actual - expected) <= 0.51,
                     qPrintable(QString("%1 %2: %3 %4").arg(y).arg(x).arg(actual).arg(expected)));
        }
    }
}

void TestFit::keepsTheMeanWhenHalving() {
    Image image = constant({64, 64, 1}, 0);
    for (std::size_t i = 0; i < image.pixels.size(); ++i) {
        image.pixels[i] = (i % 64 + i / 64) % 2 == 0 ? 200 : 100;
    }
    const Image half = fitImage(image, {32, 32, 1});
    // A checkerboard must become flat grey: taking single pixels would keep 100 or 200.
    QVERIFY(std::ranges::all_of(half.pixels, [](int value) { return std::abs(value - 150) <= 7; }));
    const double sum = std::accumulate(half.pixels.begin(), half.pixels.end(), 0.0);
    QVERIFY(std::abs(sum / 1024.0 - 150.0) < 0.5);
}

void TestFit::isSymmetric() {
    Image image = pattern({6, 9, 1});
    const Image fitted = fitImage(image, {4, 14, 1});
    std::ranges::reverse(image.pixels);
    Image turned = fitImage(image, {4, 14, 1});
    std::ranges::reverse(turned.pixels);
    for (std::size_t i = 0; i < turned.pixels.size(); ++i) {
        QVERIFY(std::abs(int{turned.pixels[i]} - int{fitted.pixels[i]}) <= 1);
    }
}

void TestFit::resizesEachChannelAlone() {
    const Image image = pattern({7, 5, 3});
    const Image fitted = fitImage(image, {3, 9, 3});
    for (std::size_t c = 0; c < 3; ++c) {
        Image channel = constant({7, 5, 1}, 0);
        for (std::size_t i = 0; i < channel.pixels.size(); ++i) {
            channel.pixels[i] = image.pixels[3 * i + c];
        }
        const Image alone = fitImage(channel, {3, 9, 1});
        for (std::size_t i = 0; i < alone.pixels.size(); ++i) {
            QCOMPARE(fitted.pixels[3 * i + c], alone.pixels[i]);
        }
    }
}

void TestFit::convertsToRec601Luma() {
    const Image image{{1, 4, 3}, {255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30}};
    // 0.299, 0.587, 0.114 of 255; 2.99 + 11.74 + 3.42 = 18.15
    QVERIFY(fitImage(image, {1, 4, 1}) == (Image{{1, 4, 1}, {76, 150, 29, 18}}));
}

void TestFit::replicatesGrey() {
    QVERIFY(fitImage({{1, 2, 1}, {7, 9}}, {1, 2, 3}) == (Image{{1, 2, 3}, {7, 7, 7, 9, 9, 9}}));
}

void TestFit::dropsAlpha() {
    const Image image{{1, 2, 4}, {1, 2, 3, 0, 4, 5, 6, 255}};
    QVERIFY(fitImage(image, {1, 2, 3}) == (Image{{1, 2, 3}, {1, 2, 3, 4, 5, 6}}));
}

void TestFit::tellsWhatWillBeDone() {
    QCOMPARE(fitNote({28, 28, 1}, {32, 32, 3}),
             std::string("Images are 28×28 grey; the network wants 32×32 RGB: they will be resized "
                         "and converted."));
    QVERIFY(fitNote({28, 28, 1}, {32, 32, 1}).ends_with("they will be resized."));
    QVERIFY(fitNote({28, 28, 1}, {28, 28, 3}).ends_with("they will be converted."));
    QVERIFY(fitNote({28, 28, 1}, {28, 28, 1}).empty());
}

void TestFit::fitsDataSets() {
    const Dataset set = twoImages();
    const FittedDataset fitted = fitTo(set, {2, 3, 3}).value();
    QCOMPARE(fitted.dataset.size(), 2);
    QVERIFY(fitted.dataset.shape() == (ImageShape{2, 3, 3}));
    QVERIFY(fitted.dataset.image(1) == fitImage(set.image(1), {2, 3, 3}));
    QVERIFY(std::ranges::equal(fitted.dataset.labels(), set.labels()));
    QVERIFY(fitted.dataset.classNames() == set.classNames());
    QVERIFY(fitted.dataset.provenance() == set.provenance());
    QVERIFY(!fitted.note.empty());
    QCOMPARE(fitTo(set, {4, 4, 1})->dataset.sample(0).data(), set.sample(0).data());
}

void TestFit::fitsSubsets() {
    const std::vector<std::int64_t> last{1};
    const Dataset part = twoImages().subset(last);
    const FittedDataset fitted = fitTo(part, {5, 5, 1}).value();
    QCOMPARE(fitted.dataset.size(), 1);
    QVERIFY(fitted.dataset.image(0) == fitImage(part.image(0), {5, 5, 1}));
}

void TestFit::fitsBothPartsOfASource() {
    const DataSource source{.train = twoImages(),
                            .test = twoImages(),
                            .testOrigin = TestOrigin::Given,
                            .notes = {"first"}};
    const DataSource fitted = fitTo(source, {4, 4, 3}).value();
    QVERIFY(fitted.train.shape() == (ImageShape{4, 4, 3}));
    QVERIFY(fitted.test->shape() == (ImageShape{4, 4, 3}));
    QCOMPARE(fitted.notes.size(), std::size_t{2});
    QCOMPARE(fitted.testOrigin, TestOrigin::Given);
}

void TestFit::refusesWhatDoesNotFitIntoMemory() {
    const auto fitted = fitTo(twoImages(), {1000, 1000, 3}, 5'999'999);
    QVERIFY(!fitted.has_value());
    QCOMPARE(fitted.error().code, ErrorCode::TooLarge);
    QVERIFY(fitTo(twoImages(), {1000, 1000, 3}, 6'000'000).has_value());
    QVERIFY(!fitTo(twoImages(), {2'000'000'000, 2'000'000'000, 3}).has_value());
}

void TestFit::refusesOtherChannels() {
    const auto fitted = fitTo(twoImages(), {4, 4, 8});
    QVERIFY(!fitted.has_value());
    QVERIFY(fitted.error().message.find("8 channels") != std::string::npos);
    QVERIFY(!fitTo(twoImages(), {0, 4, 1}).has_value());
}

QTEST_APPLESS_MAIN(TestFit)
#include "tst_fit.moc"
