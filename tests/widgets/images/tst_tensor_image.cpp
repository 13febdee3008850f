#include "widgets/images/tensor_image.h"

#include <QTest>
#include <cmath>
#include <limits>
#include <vector>

using namespace widgets;

class TestTensorImage : public QObject {
    Q_OBJECT

private slots:
    void scalesTheRangeOntoTheMap() {
        const std::vector<float> values = {0.0F, 0.5F, 1.0F, 2.0F, -1.0F, 0.25F};
        const ColorMap& gray = colorMap(ColorMapName::Gray);
        const QImage image = planeImage(planeOf(values, 2, 3), {0.0F, 1.0F}, gray);
        QCOMPARE(image.format(), QImage::Format_RGB32);
        QCOMPARE(image.size(), QSize(3, 2));
        QCOMPARE(image.pixel(0, 0), gray.at(0.0F));
        QCOMPARE(image.pixel(1, 0), gray.at(0.5F));
        QCOMPARE(image.pixel(2, 0), gray.at(1.0F));
        QCOMPARE(image.pixel(0, 1), gray.at(1.0F));
        QCOMPARE(image.pixel(1, 1), gray.at(0.0F));
        QCOMPARE(image.pixel(2, 1), gray.at(0.25F));
    }

    void readsOneChannelOfAnImage() {
        // 1×2 pixels, 3 channels
        const std::vector<float> values = {0.0F, 1.0F, 0.0F, 1.0F, 0.0F, 0.0F};
        const ColorMap& gray = colorMap(ColorMapName::Gray);
        const PlaneView second = channelOf(values, {1, 2, 3}, 1);
        const QImage image = planeImage(second, {0.0F, 1.0F}, gray);
        QCOMPARE(image.pixel(0, 0), gray.at(1.0F));
        QCOMPARE(image.pixel(1, 0), gray.at(0.0F));
    }

    void allChannelsAtOnceAreTheChannelsAlone() {
        std::vector<float> values(4 * 5 * 3);
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] = static_cast<float>(i * i % 17) - 3.0F;
        }
        values[7] = std::nanf("");
        const ImageExtent extent = {4, 5, 3};
        const ColorMap& map = colorMap(ColorMapName::Viridis);
        const std::vector<ValueRange> ranges = channelRanges(values, extent);
        const std::vector<QImage> images = channelImages(values, extent, ranges, map);
        QCOMPARE(images.size(), std::size_t(3));
        for (int c = 0; c < 3; ++c) {
            const PlaneView plane = channelOf(values, extent, c);
            const auto i = static_cast<std::size_t>(c);
            QCOMPARE(ranges[i], finiteRange(plane));
            QCOMPARE(images[i], planeImage(plane, ranges[i], map));
        }
    }

    void readsOneFilterOfAKernel() {
        // (kh 2, kw 1, cin 2, cout 3): value = its own index
        std::vector<float> values(12);
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] = static_cast<float>(i);
        }
        const PlaneView plane = filterOf(values, {2, 1, 2, 3}, {.input = 1, .output = 2});
        QCOMPARE(finiteRange(plane), (ValueRange{5.0F, 11.0F}));
    }

    void showsWhatIsNotFinite() {
        const float nan = std::numeric_limits<float>::quiet_NaN();
        const float infinite = std::numeric_limits<float>::infinity();
        const std::vector<float> values = {nan, infinite, -infinite, 0.0F};
        const QImage image =
            planeImage(planeOf(values, 2, 2), {0.0F, 1.0F}, colorMap(ColorMapName::Viridis));
        QCOMPARE(image.pixel(0, 0), kNotFiniteColor);
        QCOMPARE(image.pixel(1, 0), kNotFiniteColor);
        QCOMPARE(image.pixel(0, 1), kNotFiniteColor);
        QVERIFY(image.pixel(1, 1) != kNotFiniteColor);
        for (const QRgb color : colorMap(ColorMapName::Viridis).table()) {
            QVERIFY(color != kNotFiniteColor);
        }
    }

    void zeroIsTheCentreOfSignedValues() {
        const std::vector<float> values = {-0.3F, 0.0F, 0.1F};
        const ValueRange range = zeroCentred(finiteRange(values));
        QCOMPARE(range, (ValueRange{-0.3F, 0.3F}));
        const ColorMap& map = colorMap(ColorMapName::BlueWhiteRed);
        QCOMPARE(planeImage(planeOf(values, 1, 3), range, map).pixel(1, 0), map.at(0.5F));
    }

    void constantPlaneTakesTheNeutralColour() {
        const std::vector<float> values(4, 0.0F);
        const ColorMap& map = colorMap(ColorMapName::BlueWhiteRed);
        const QImage image = planeImage(planeOf(values, 2, 2), {0.0F, 0.0F}, map);
        QCOMPARE(image.pixel(0, 0), map.at(0.5F));
        const ColorMap& viridis = colorMap(ColorMapName::Viridis);
        QCOMPARE(planeImage(planeOf(values, 2, 2), {0.0F, 0.0F}, viridis).pixel(1, 1),
                 viridis.at(0.0F));
    }

    void threeChannelsAreColour() {
        const std::vector<float> values = {1.0F, 0.0F, 0.0F, 0.0F, 0.0F, 1.0F};
        const QImage image = sampleImage(values, {1, 2, 3});
        QCOMPARE(image.pixel(0, 0), qRgb(255, 0, 0));
        QCOMPARE(image.pixel(1, 0), qRgb(0, 0, 255));
        const std::vector<float> gray = {1.0F, 0.0F};
        QCOMPARE(sampleImage(gray, {1, 2, 1}).pixel(0, 0), qRgb(255, 255, 255));
    }

    void hugeRangesDoNotOverflow() {
        const float most = std::numeric_limits<float>::max();
        const std::vector<float> values = {-most, most};
        const QImage image =
            planeImage(planeOf(values, 1, 2), finiteRange(values), colorMap(ColorMapName::Viridis));
        QCOMPARE(image.pixel(0, 0), colorMap(ColorMapName::Viridis).at(0.0F));
        QCOMPARE(image.pixel(1, 0), colorMap(ColorMapName::Viridis).at(1.0F));
    }

    void rangeIgnoresWhatIsNotFinite() {
        const std::vector<float> values = {std::nanf(""), -2.0F, 3.0F,
                                           std::numeric_limits<float>::infinity()};
        QCOMPARE(finiteRange(values), (ValueRange{-2.0F, 3.0F}));
        QCOMPARE(finiteRange(std::span<const float>()), (ValueRange{0.0F, 0.0F}));
    }

    void rangesReadWell() {
        QLocale::setDefault(QLocale::c());
        QCOMPARE(rangeText({-0.42F, 0.42F}), QStringLiteral("±0.42"));
        QCOMPARE(rangeText({-0.5F, 1.25F}), QStringLiteral("−0.5 … 1.25"));
        QCOMPARE(numberText(std::nan("")), QStringLiteral("NaN"));
        QCOMPARE(numberText(-0.00001), QStringLiteral("−1e−05"));
    }
};

QTEST_APPLESS_MAIN(TestTensorImage)
#include "tst_tensor_image.moc"
