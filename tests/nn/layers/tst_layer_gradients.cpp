#include "tests/support/layer_harness.h"

#include <QTest>
#include <algorithm>

/// Every layer over its arguments: the float32 passes against double precision.
class TestLayerGradients : public QObject {
    Q_OBJECT

private slots:
    void agreeWithCentralDifferences_data();
    void agreeWithCentralDifferences();
    void frozenBatchNormalizationUsesMovingStatistics();
    void cleanupTestCase();

private:
    double m_worst = 0.0;
    QByteArray m_worstCase;
};

void TestLayerGradients::agreeWithCentralDifferences_data() {
    QTest::addColumn<QByteArray>("text");
    const auto rows = {
        "7x6x3 -> Conv2D(4)",
        "8x7x2 -> Conv2D(5, kernel_size=(3, 2), padding=same)",
        "9x8x3 -> Conv2D(4, strides=2, padding=same)",
        "9x8x3 -> Conv2D(4, kernel_size=5, strides=(2, 3))",
        "10x9x2 -> Conv2D(3, dilation_rate=2)",
        "8x8x2 -> Conv2D(3, dilation_rate=(1, 3), padding=same)",
        "6x5x4 -> Conv2D(6, groups=2)",
        "6x5x4 -> Conv2D(8, groups=4, padding=same, strides=2)",
        "5x5x3 -> Conv2D(17, kernel_size=1)",
        "6x6x1 -> Conv2D(9, use_bias=False)",
        "2x2x3 -> Conv2D(4, kernel_size=5, padding=same)",
        "6x6x2 -> Conv2D(4, activation=relu)",
        "6x6x2 -> Conv2D(4, activation=tanh)",
        "6x6x2 -> Conv2D(4, activation=silu)",
        "5x5x2 -> Conv2D(4, activation=softmax)",
        "5x4x3 -> Conv2DTranspose(4)",
        "5x4x3 -> Conv2DTranspose(4, strides=2)",
        "5x4x3 -> Conv2DTranspose(4, strides=2, padding=same)",
        "4x5x2 -> Conv2DTranspose(3, kernel_size=(3, 4), strides=(2, 1), padding=same)",
        "3x4x2 -> Conv2DTranspose(3, kernel_size=2, strides=3)",
        "3x4x2 -> Conv2DTranspose(17, kernel_size=2, strides=3, padding=same)",
        "4x4x2 -> Conv2DTranspose(3, kernel_size=5, strides=3, padding=same)",
        "4x4x2 -> Conv2DTranspose(3, dilation_rate=2)",
        "4x4x2 -> Conv2DTranspose(3, dilation_rate=(2, 3), padding=same)",
        "4x3x2 -> Conv2DTranspose(3, strides=2, output_padding=1)",
        "4x3x2 -> Conv2DTranspose(3, kernel_size=4, strides=(2, 3), padding=same, "
        "output_padding=(0, 1))",
        "4x3x2 -> Conv2DTranspose(3, strides=2, use_bias=False, activation=relu)",
        "4x3x2 -> Conv2DTranspose(3, strides=2, activation=silu)",
        "4x3x2 -> Conv2DTranspose(3, activation=softmax)",
        "6x2 -> Conv1DTranspose(3, strides=2)",
        "6x2 -> Conv1DTranspose(3, kernel_size=4, strides=3, padding=same, activation=tanh)",
        "6x2 -> Conv1DTranspose(3, strides=2, padding=same, output_padding=1)",
        "6x2 -> Conv1DTranspose(3, kernel_size=3, dilation_rate=2)",
        "7x6x5 -> DepthwiseConv2D(3)",
        "7x6x5 -> DepthwiseConv2D((3, 2), strides=2, padding=same)",
        "7x6x5 -> DepthwiseConv2D(3, depth_multiplier=3, activation=relu)",
        "7x8x17 -> DepthwiseConv2D(3, depth_multiplier=2, dilation_rate=2, padding=same)",
        "7x6x2 -> DepthwiseConv2D(3, use_bias=False, activation=gelu)",
        "6x6x1 -> DepthwiseConv2D(3, depth_multiplier=5)",
        "9x3 -> DepthwiseConv1D(3)",
        "9x3 -> DepthwiseConv1D(4, strides=2, padding=same, depth_multiplier=2, activation=tanh)",
        "7x6x3 -> SeparableConv2D(4)",
        "7x6x3 -> SeparableConv2D(4, kernel_size=(3, 2), depth_multiplier=2, activation=relu)",
        "7x6x3 -> SeparableConv2D(5, strides=2, padding=same, activation=silu)",
        "8x8x3 -> SeparableConv2D(5, dilation_rate=2, use_bias=False)",
        "7x6x3 -> SeparableConv2D(4, activation=softmax)",
        "9x3 -> SeparableConv1D(5)",
        "9x3 -> SeparableConv1D(5, kernel_size=4, strides=2, padding=same, depth_multiplier=3)",
        "9x3 -> Conv1D(4)",
        "9x3 -> Conv1D(4, kernel_size=4, strides=2, padding=same, activation=relu)",
        "9x3 -> Conv1D(5, dilation_rate=2, padding=causal)",
        "9x3 -> Conv1D(5, kernel_size=2, strides=2, padding=causal)",
        "9x4 -> Conv1D(6, groups=2, use_bias=False)",
        "9x4 -> Conv1D(8, groups=4)",
        "12 -> Dense(7)",
        "12 -> Dense(7, activation=relu)",
        "12 -> Dense(7, activation=sigmoid)",
        "12 -> Dense(7, activation=softmax)",
        "12 -> Dense(7, activation=elu)",
        "12 -> Dense(7, activation=selu)",
        "12 -> Dense(7, activation=softplus)",
        "12 -> Dense(7, activation=softsign)",
        "12 -> Dense(7, activation=swish)",
        "12 -> Dense(7, activation=gelu)",
        "12 -> Dense(7, activation=exponential)",
        "12 -> Dense(7, activation=hard_sigmoid)",
        "33 -> Dense(1, use_bias=False)",
        "4x3x5 -> Dense(6, activation=tanh)",
        "8x7x3 -> MaxPooling2D",
        "9x7x5 -> MaxPooling2D(3, strides=2, padding=same)",
        "7x7x3 -> MaxPooling2D((2, 3), strides=(1, 2))",
        "7x7x3 -> MaxPooling2D(2, strides=3, padding=same)",
        "8x7x3 -> AveragePooling2D",
        "9x7x5 -> AveragePooling2D(3, strides=2, padding=same)",
        "7x7x3 -> AveragePooling2D((2, 3), strides=(1, 2))",
        "7x6x5 -> GlobalAveragePooling2D",
        "7x6x5 -> GlobalAveragePooling2D(keepdims=True)",
        "9x5 -> MaxPooling1D",
        "10x17 -> MaxPooling1D(3, strides=2, padding=same)",
        "9x5 -> AveragePooling1D",
        "10x3 -> AveragePooling1D(3, strides=2, padding=same)",
        "7x5 -> GlobalAveragePooling1D",
        "7x5 -> GlobalAveragePooling1D(keepdims=True)",
        "7x5 -> GlobalMaxPooling1D",
        "7x17 -> GlobalMaxPooling1D(keepdims=True)",
        "7x6x5 -> GlobalMaxPooling2D",
        "4x5x17 -> GlobalMaxPooling2D(keepdims=True)",
        "9x7x5 -> AdaptiveAveragePooling2D",
        "9x7x5 -> AdaptiveAveragePooling2D((3, 5))",
        "3x7x2 -> AdaptiveAveragePooling2D((5, 1))",
        "9x7x5 -> AdaptiveMaxPooling2D",
        "20x19x3 -> AdaptiveMaxPooling2D(1)",
        "3x7x2 -> AdaptiveMaxPooling2D((5, 2))",
        "11x3 -> AdaptiveAveragePooling1D(4)",
        "11x3 -> AdaptiveMaxPooling1D(3)",
        "4x5x3 -> UpSampling2D",
        "3x4x17 -> UpSampling2D((3, 1))",
        "4x5x3 -> UpSampling2D(2, interpolation=bilinear)",
        "4x3x2 -> UpSampling2D((3, 2), interpolation=bicubic)",
        "5x3x2 -> UpSampling2D(2, interpolation=lanczos3)",
        "2x7x1 -> UpSampling2D(3, interpolation=lanczos5)",
        "5x3 -> UpSampling1D(3)",
        "9x7x2 -> Resizing(4, 10)",
        "9x7x2 -> Resizing(4, 3, antialias=True)",
        "9x7x2 -> Resizing(5, 3, interpolation=nearest)",
        "11x7x2 -> Resizing(4, 3, interpolation=bicubic, antialias=True)",
        "8x13x2 -> Resizing(6, 5, interpolation=lanczos3)",
        "8x13x2 -> Resizing(6, 5, interpolation=lanczos5, antialias=True)",
        "9x7x2 -> Resizing(5, 8, crop_to_aspect_ratio=True)",
        "7x10x2 -> Resizing(8, 5, crop_to_aspect_ratio=True, interpolation=bicubic)",
        "9x6x2 -> Resizing(8, 7, pad_to_aspect_ratio=True, fill_value=2.5)",
        "4x9x2 -> Resizing(5, 4, pad_to_aspect_ratio=True, fill_value=-1, antialias=True)",
        "4x9x2 -> Resizing(5, 4, pad_to_aspect_ratio=True, interpolation=nearest)",
        "9x8x3 -> CenterCrop(4, 5)",
        "5x4x3 -> CenterCrop(5, 4)",
        "9x5x3 -> CenterCrop(6, 7)",
        "5x4x3 -> ZeroPadding2D",
        "5x4x3 -> ZeroPadding2D(((1, 0), (2, 3)))",
        "5x3 -> ZeroPadding1D((2, 1))",
        "7x6x3 -> Cropping2D(((1, 2), (0, 3)))",
        "7x6x3 -> Cropping2D(2)",
        "7x3 -> Cropping1D((0, 3))",
        "4x3x5 -> Flatten",
        "4x3x5 -> ActivityRegularization(l1=0.25)",
        "6x5x3 -> RandomFlip",
        "6x5x3 -> RandomTranslation(0.3, 0.2)",
        "6x5x2 -> RandomTranslation(0.3, 0.2, interpolation=nearest, fill_mode=wrap)",
        "6x5x3 -> RandomRotation(0.3, fill_mode=constant, fill_value=0.5)",
        "6x5x3 -> RandomZoom(0.4, 0.2, fill_mode=wrap)",
        "6x5x3 -> RandomShear(0.3, 0.2, fill_mode=nearest)",
        "6x5x3 -> RandomCrop(3, 4)",
        "6x5x3 -> RandomCrop(8, 9)",
        "6x5x3 -> RandomBrightness(0.3, value_range=(-1, 1))",
        "6x5x3 -> RandomContrast((0.5, 0.5), value_range=(-1, 1))",
        "6x5x3 -> RandomErasing(scale=(0.2, 0.5))",
        "6x5x3 -> RandomInvert(value_range=(0, 1))",
        "6x5x3 -> RandomGrayscale",
        "4x3x5 -> ActivityRegularization(0.1, 0.75)",
        "4x3x5 -> Dropout(0.4)",
        "30 -> Dropout(0.75, seed=9)",
        "30 -> Dropout(0)",
        "5x4x3 -> Activation(linear)",
        "5x4x3 -> Activation(relu)",
        "5x4x3 -> Activation(sigmoid)",
        "5x4x3 -> Activation(tanh)",
        "5x4x3 -> Activation(softmax)",
        "5x4x3 -> Activation(elu)",
        "5x4x3 -> Activation(selu)",
        "5x4x3 -> Activation(softplus)",
        "5x4x3 -> Activation(softsign)",
        "5x4x3 -> Activation(silu)",
        "5x4x3 -> Activation(gelu)",
        "5x4x3 -> Activation(exponential)",
        "5x4x3 -> Activation(hard_sigmoid)",
        "5x4x3 -> Activation(relu6)",
        "5x4x3 -> Activation(leaky_relu)",
        "5x4x3 -> Activation(celu)",
        "5x4x3 -> Activation(mish)",
        "5x4x3 -> Activation(hard_silu)",
        "5x4x3 -> Activation(hard_swish)",
        "5x4x3 -> Activation(hard_tanh)",
        "5x4x3 -> Activation(hard_shrink)",
        "5x4x3 -> Activation(soft_shrink)",
        "5x4x3 -> Activation(tanh_shrink)",
        "5x4x3 -> Activation(squareplus)",
        "5x4x3 -> Activation(log_sigmoid)",
        "5x4x3 -> Activation(sparse_plus)",
        "5x4x3 -> Activation(sparse_sigmoid)",
        "5x4x3 -> Activation(log_softmax)",
        "5x4x3 -> Activation(sparsemax)",
        "5x4x6 -> Activation(glu)",
        "12 -> Dense(7, activation=mish)",
        "12 -> Dense(7, activation=log_softmax)",
        "6x6x2 -> Conv2D(4, activation=sparsemax)",
        "6x6x2 -> Conv2D(4, activation=leaky_relu)",
        "6x6x2 -> Conv2D(4, activation=hard_silu)",
        "5x4x3 -> ReLU",
        "5x4x3 -> ReLU(max_value=0.8)",
        "5x4x3 -> ReLU(negative_slope=0.2, threshold=0.1)",
        "5x4x3 -> ReLU(max_value=1, negative_slope=0.3, threshold=0.25)",
        "9 -> Softmax",
        "5x4x3 -> Softmax(axis=1)",
        "5x4x3 -> Softmax(axis=-2)",
        "5x4x3 -> BatchNormalization",
        "7 -> BatchNormalization(epsilon=0.01)",
        "5x4x3 -> BatchNormalization(center=False)",
        "5x4x3 -> BatchNormalization(scale=False)",
        "5x4x3 -> BatchNormalization(center=False, scale=False)",
        "5x4x3 -> BatchNormalization(axis=1)",
        "5x4x3 -> BatchNormalization(axis=-2)",
        "a: 5x4x3; b: 5x4x3; [a, b] -> Add",
        "a: 5x4x3; b: 5x4x3; c: 5x4x3; [a, b, c] -> Add",
        "a: 5x4x3; b: 1x1x3; [a, b] -> Add",
        "a: 5x1x3; b: 1x4x1; [a, b] -> Add",
        "a: 5x4x3; b: 3; [b, a] -> Add",
        "a: 5x4x3; b: 5x4x2; [a, b] -> Concatenate",
        "a: 5x4x3; b: 2x4x3; c: 1x4x3; [a, b, c] -> Concatenate(axis=1)",
        "a: 6; b: 3; [a, b] -> Concatenate",
        "5x4x3 -> LeakyReLU",
        "5x4x3 -> LeakyReLU(negative_slope=0)",
        "5x4x3 -> ELU(alpha=0.5)",
        "5x4x3 -> ELU(alpha=-0.5)",
        "5x4x3 -> LayerNormalization",
        "7 -> LayerNormalization(epsilon=0.01)",
        "5x4x3 -> LayerNormalization(center=False)",
        "5x4x3 -> LayerNormalization(scale=False)",
        "5x4x3 -> LayerNormalization(axis=[1, 2, 3])",
        "5x4x3 -> LayerNormalization(axis=1)",
        "5x4x3 -> LayerNormalization(axis=[3, 1])",
        "5x4x6 -> GroupNormalization(groups=3)",
        "5x4x6 -> GroupNormalization(groups=-1)",
        "5x4x6 -> GroupNormalization(groups=1, center=False)",
        "5x4x6 -> GroupNormalization(groups=2, scale=False)",
        "4x5x6 -> GroupNormalization(groups=2, axis=1)",
        "13x11x2 -> GroupNormalization(groups=2)",
        "8 -> GroupNormalization(groups=2)",
        "5x4x3 -> RMSNormalization",
        "5x4x3 -> RMSNormalization(axis=[1, 3], epsilon=0.1)",
        "5x4x3 -> UnitNormalization",
        "5x4x3 -> UnitNormalization(axis=[1, 2])",
        "a: 5x4x3; b: 5x4x3; [a, b] -> Subtract",
        "a: 5x4x3; b: 1x1x3; [b, a] -> Subtract",
        "a: 5x4x3; b: 5x4x3; c: 5x4x3; [a, b, c] -> Multiply",
        "a: 5x4x3; b: 1x1x3; c: 5x1x1; [a, b, c] -> Multiply",
        "a: 5x4x3; b: 3; [a, b] -> Average",
        "a: 5x4x3; b: 5x4x3; c: 5x4x3; [a, b, c] -> Average",
        "a: 5x4x3; b: 5x4x3; c: 5x4x3; [a, b, c] -> Maximum",
        "a: 5x1x3; b: 1x4x1; c: 5x4x3; [a, b, c] -> Maximum",
        "a: 5x4x3; b: 5x4x3; [a, b] -> Minimum",
        "a: 1x4x3; b: 5x4x3; [a, b] -> Minimum",
        "5x4x3 -> Reshape((-1, 6))",
        "5x4x3 -> Permute((2, 1, 3))",
        "5x4x3 -> Permute((3, 1, 2))",
        "5x4x3 -> Permute((3, 2, 1))",
        "2x3x4x5 -> Permute((4, 2, 1, 3))",
        "35x2x9 -> Permute((3, 2, 1))",
        "5 -> RepeatVector(4)",
        "5x4x3 -> Identity",
        "5x4x3 -> PReLU",
        "5x4x3 -> PReLU(shared_axes=[1, 2])",
        "7 -> PReLU",
        "5x4x3 -> PReLU(shared_axes=[-1])",
        "5x4x3 -> Normalization",
        "5x4x3 -> Normalization(axis=[1, 3])",
        "5x4x3 -> Normalization(mean=[0.5], variance=[4])",
        "5x4x3 -> Normalization(mean=[0.5, -1, 2], variance=[4, 0.5, 1], invert=True)",
        "a: 7; b: 7; [a, b] -> Dot(1)",
        "a: 7; b: 7; [a, b] -> Dot(-1, normalize=True)",
        "a: 4x3; b: 3x5; [a, b] -> Dot([2, 1])",
        "a: 4x3; b: 5x3; [a, b] -> Dot(2, normalize=True)",
        "a: 2x4x3; b: 4x5; [a, b] -> Dot([2, 1], normalize=True)",
        "a: 3; b: 3x5; [a, b] -> Dot(1)",
        "5x4x3 -> Rescaling(0.25, offset=-1)",
        "5x4x3 -> SpatialDropout2D(0.4)",
        "9x5 -> SpatialDropout1D(0.4, seed=3)",
        "5x4x3 -> Dropout(0.4, noise_shape=[-1, 1, 4, 1])",
        "5x4x3 -> Dropout(0.4, noise_shape=[1, 5, 4, 3])",
        "5x4x3 -> AlphaDropout(0.3)",
        "5x4x3 -> AlphaDropout(0.3, noise_shape=[-1, 1, 1, 3])",
        "5x4x3 -> GaussianNoise(0.5)",
        "17x5x3 -> GaussianDropout(0.4, seed=4)",
    };
    for (const char* text : rows) {
        QTest::newRow(text) << QByteArray(text);
    }
}

void TestLayerGradients::agreeWithCentralDifferences() {
    QFETCH(QByteArray, text);
    nn::Parallel parallel(2);
    tests::LayerCase layer = tests::layerCase(text.toStdString(), 3);
    tests::runLayer(layer, parallel);
    for (const tests::LayerError& error : tests::layerErrors(layer)) {
        if (error.error > m_worst) {
            m_worst = error.error;
            m_worstCase = text + ", " + QByteArray::fromStdString(error.what);
        }
        QVERIFY2(error.error <= 1e-6, qPrintable(QString("%1: relative error %2")
                                                     .arg(QString::fromStdString(error.what))
                                                     .arg(error.error)));
    }
}

void TestLayerGradients::frozenBatchNormalizationUsesMovingStatistics() {
    nn::Parallel parallel(2);
    for (const char* text :
         {"5x4x3 -> BatchNormalization", "5x4x3 -> BatchNormalization(axis=1)"}) {
        tests::LayerCase layer = tests::layerCase(text, 3);
        layer.run.frozen = true;
        tests::runLayer(layer, parallel);
        QCOMPARE(layer.updatedWeights, layer.weights);
        for (const tests::LayerError& error : tests::layerErrors(layer)) {
            QVERIFY2(error.error <= 1e-6, qPrintable(QString("%1 %2: %3")
                                                         .arg(text)
                                                         .arg(QString::fromStdString(error.what))
                                                         .arg(error.error)));
        }
    }
}

void TestLayerGradients::cleanupTestCase() {
    qInfo("largest relative error %.2e: %s", m_worst, m_worstCase.constData());
}

QTEST_APPLESS_MAIN(TestLayerGradients)
#include "tst_layer_gradients.moc"
