#include "nn/data/dataset.h"

#include <QTest>
#include <array>

using namespace nn;
using namespace nn::data;

namespace {

/// Four 1×2 images in three classes, pixels 0, 1, 2…
DatasetParts smallParts() {
    return {.shape = {1, 2, 1},
            .pixels = {0, 1, 2, 3, 4, 5, 254, 255},
            .labels = {2, 0, 2, 1},
            .classNames = {"a", "b", "c"},
            .provenance = {"small", "here", "none", "nobody"}};
}

Dataset small() {
    return Dataset::fromParts(smallParts()).value();
}

QString messageFor(DatasetParts parts) {
    const auto result = Dataset::fromParts(std::move(parts));
    return result ? QString() : QString::fromStdString(result.error().message);
}

} // namespace

class TestDataset : public QObject {
    Q_OBJECT

private slots:
    void knowsItsParts();
    void isEmptyByDefault();
    void gathersPixelsDividedBy255();
    void gathersEveryValueExactlyAsADivision();
    void gathersLabels();
    void subsetSharesPixelsAndKeepsOrder();
    void subsetOfSubset();
    void dropsAlpha();
    void rejectsWrongNumberOfPixels();
    void rejectsLabelWithoutName();
    void rejectsNoImages();
    void rejectsImpossibleShape();
};

void TestDataset::knowsItsParts() {
    const Dataset set = small();
    QCOMPARE(set.size(), 4);
    QCOMPARE(set.classCount(), 3);
    QVERIFY(set.shape() == (ImageShape{1, 2, 1}));
    QCOMPARE(set.sample(2)[1], std::uint8_t{5});
    QCOMPARE(set.label(3), 1);
    QCOMPARE(set.labelName(0), std::string("c"));
    QCOMPARE(set.classCounts(), (std::vector<std::int64_t>{1, 1, 2}));
    QCOMPARE(set.firstOf(1), std::optional<std::int64_t>(3));
    QVERIFY(!set.firstOf(7).has_value());
    QVERIFY(set.image(3) == (Image{{1, 2, 1}, {254, 255}}));
    QVERIFY(set.provenance() == smallParts().provenance);
}

void TestDataset::isEmptyByDefault() {
    const Dataset set;
    QVERIFY(set.isEmpty());
    QCOMPARE(set.classCount(), 0);
    QVERIFY(set.classCounts().empty());
}

void TestDataset::gathersPixelsDividedBy255() {
    const std::array<std::int64_t, 3> indices{3, 0, 3};
    std::array<float, 6> out{};
    small().gather(indices, out);
    const std::array<float, 6> expected{254.0F / 255.0F, 1.0F, 0.0F, 1.0F / 255.0F,
                                        254.0F / 255.0F, 1.0F};
    QVERIFY(out == expected);
}

void TestDataset::gathersEveryValueExactlyAsADivision() {
    DatasetParts parts{
        .shape = {1, 257, 1}, .pixels = {}, .labels = {0}, .classNames = {"all"}, .provenance = {}};
    for (int value = 0; value < 257; ++value) {
        parts.pixels.push_back(static_cast<std::uint8_t>(value));
    }
    const Dataset set = Dataset::fromParts(parts).value();
    const std::array<std::int64_t, 1> indices{0};
    std::vector<float> out(257);
    set.gather(indices, out);
    for (std::size_t i = 0; i < out.size(); ++i) {
        QVERIFY(out[i] == static_cast<float>(parts.pixels[i]) / 255.0F);
    }
}

void TestDataset::gathersLabels() {
    const std::array<std::int64_t, 3> indices{1, 2, 3};
    std::array<std::int32_t, 3> out{};
    small().gatherLabels(indices, out);
    QVERIFY(out == (std::array<std::int32_t, 3>{0, 2, 1}));
}

void TestDataset::subsetSharesPixelsAndKeepsOrder() {
    const Dataset set = small();
    const std::array<std::int64_t, 2> indices{3, 1};
    const Dataset part = set.subset(indices);
    QCOMPARE(part.size(), 2);
    QCOMPARE(part.label(0), 1);
    QCOMPARE(part.sample(0).data(), set.sample(3).data());
    QCOMPARE(part.classCounts(), (std::vector<std::int64_t>{1, 1, 0}));
}

void TestDataset::subsetOfSubset() {
    const std::array<std::int64_t, 3> first{3, 2, 1};
    const std::array<std::int64_t, 1> second{1};
    const Dataset part = small().subset(first).subset(second);
    QCOMPARE(part.size(), 1);
    QCOMPARE(part.sample(0)[0], std::uint8_t{4});
    QCOMPARE(part.label(0), 2);
}

void TestDataset::dropsAlpha() {
    const Dataset set = Dataset::fromParts({.shape = {1, 2, 4},
                                            .pixels = {1, 2, 3, 99, 4, 5, 6, 98},
                                            .labels = {0},
                                            .classNames = {"a"},
                                            .provenance = {}})
                            .value();
    QVERIFY(set.image(0) == (Image{{1, 2, 3}, {1, 2, 3, 4, 5, 6}}));
}

void TestDataset::rejectsWrongNumberOfPixels() {
    DatasetParts parts = smallParts();
    parts.pixels.pop_back();
    QVERIFY2(messageFor(parts).contains("expected 4 images"), qPrintable(messageFor(parts)));
}

void TestDataset::rejectsLabelWithoutName() {
    for (const std::int32_t label : {-1, 3}) {
        DatasetParts parts = smallParts();
        parts.labels[2] = label;
        const QString message = messageFor(parts);
        QVERIFY2(message.contains("image 2") && message.contains("expected 0 to 2"),
                 qPrintable(message));
    }
}

void TestDataset::rejectsNoImages() {
    QVERIFY(
        messageFor(
            {.shape = {1, 1, 1}, .pixels = {}, .labels = {}, .classNames = {"a"}, .provenance = {}})
            .contains("no images"));
}

void TestDataset::rejectsImpossibleShape() {
    for (const ImageShape shape : {ImageShape{0, 2, 1}, {1, 2, 2}, {1, 2, 5}}) {
        DatasetParts parts = smallParts();
        parts.shape = shape;
        QVERIFY(messageFor(parts).contains("cannot be used"));
    }
}

QTEST_APPLESS_MAIN(TestDataset)
#include "tst_dataset.moc"
