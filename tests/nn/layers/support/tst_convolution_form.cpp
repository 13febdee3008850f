#include "nn/layers/support/convolution_form.h"

#include <QTest>

using namespace nn;

namespace {

ConvolutionForm form(ConvolutionKind kind, std::int64_t kernel, std::int64_t stride,
                     Padding padding) {
    return {.kind = kind,
            .type = "Layer",
            .filters = 4,
            .window = {{kernel, 1}, {stride, 1}, {1, 1}, padding}};
}

std::int64_t heightOf(const ConvolutionForm& form, std::int64_t height) {
    const auto shape = convolvedShape(form, {height, 1, 3});
    return shape ? (*shape)[0] : -1;
}

std::string blamed(const ConvolutionForm& form, const Shape& image) {
    const auto shape = convolvedShape(form, image);
    return shape ? "" : shape.error().param;
}

} // namespace

/// Shapes and sizes of the convolutions, compared with those Keras computes.
class TestConvolutionForm : public QObject {
    Q_OBJECT
private slots:
    void transposedHeights_data();
    void transposedHeights();
    void causalKeepsEarlierSteps();
    void blamesTheArgument();
    void openSizesStayOpen();
};

void TestConvolutionForm::transposedHeights_data() {
    QTest::addColumn<int>("kernel");
    QTest::addColumn<int>("stride");
    QTest::addColumn<bool>("same");
    QTest::addColumn<int>("outputPadding");
    QTest::addColumn<int>("height");
    const auto row = [](int kernel, int stride, bool same, int outputPadding, int height) {
        QTest::addRow("%d %d %s %d", kernel, stride, same ? "same" : "valid", outputPadding)
            << kernel << stride << same << outputPadding << height;
    };
    row(3, 2, false, -1, 15);
    row(3, 2, true, -1, 14);
    row(4, 2, true, -1, 14);
    row(4, 2, false, -1, 16);
    row(2, 3, false, -1, 21);
    row(3, 1, true, -1, 7);
    row(3, 2, true, 1, 14);
    row(3, 2, true, 0, 13);
    row(4, 2, true, 1, 13);
    row(3, 2, false, 1, 16);
}

void TestConvolutionForm::transposedHeights() {
    QFETCH(int, kernel);
    QFETCH(int, stride);
    QFETCH(bool, same);
    QFETCH(int, outputPadding);
    QFETCH(int, height);
    ConvolutionForm layer =
        form(ConvolutionKind::Transposed, kernel, stride, same ? Padding::Same : Padding::Valid);
    if (outputPadding >= 0) {
        layer.outputPadding = Size2{outputPadding, 0};
    }
    const auto shape = convolvedShape(layer, {7, 1, 3});
    QVERIFY(shape.has_value() || layer.outputPadding);
    QCOMPARE(heightOf(layer, 7), std::int64_t{height});
}

void TestConvolutionForm::causalKeepsEarlierSteps() {
    ConvolutionForm layer = form(ConvolutionKind::Plain, 3, 1, Padding::Causal);
    layer.window.dilation.height = 2;
    QCOMPARE(heightOf(layer, 9), std::int64_t{9});
    const Shape image{9, 1, 3};
    QCOMPARE(convolutionGeometry(layer, image, {9, 1, 4}).padTop, std::int64_t{4});
    layer = form(ConvolutionKind::Plain, 4, 3, Padding::Causal);
    QCOMPARE(heightOf(layer, 9), std::int64_t{3});
    QCOMPARE(heightOf(layer, 10), std::int64_t{4});
}

void TestConvolutionForm::blamesTheArgument() {
    const Shape image{7, 5, 6};
    ConvolutionForm layer = form(ConvolutionKind::Plain, 3, 2, Padding::Valid);
    layer.window.dilation = {2, 2};
    QCOMPARE(blamed(layer, image), "dilation_rate");
    layer = form(ConvolutionKind::Plain, 3, 1, Padding::Valid);
    layer.groups = 4;
    QCOMPARE(blamed(layer, image), "groups");
    layer = form(ConvolutionKind::Plain, 9, 1, Padding::Valid);
    QCOMPARE(blamed(layer, image), "kernel_size");
    layer = form(ConvolutionKind::Transposed, 3, 2, Padding::Valid);
    layer.outputPadding = Size2{2, 0};
    QCOMPARE(blamed(layer, image), "output_padding");
    layer = form(ConvolutionKind::Depthwise, 3, 1, Padding::Valid);
    layer.depthMultiplier = std::int64_t{1} << 46;
    QCOMPARE(blamed(layer, image), "depth_multiplier");
    layer = form(ConvolutionKind::Separable, 3, 1, Padding::Valid);
    layer.filters = std::int64_t{1} << 46;
    QCOMPARE(blamed(layer, image), "filters");
}

void TestConvolutionForm::openSizesStayOpen() {
    for (const auto kind : {ConvolutionKind::Plain, ConvolutionKind::Transposed,
                            ConvolutionKind::Depthwise, ConvolutionKind::Separable}) {
        const auto shape = convolvedShape(form(kind, 3, 2, Padding::Same), {kUnknown, kUnknown, 2});
        QVERIFY(shape.has_value());
        QCOMPARE((*shape)[0], kUnknown);
        QCOMPARE((*shape)[1], kUnknown);
    }
}

QTEST_APPLESS_MAIN(TestConvolutionForm)
#include "tst_convolution_form.moc"
