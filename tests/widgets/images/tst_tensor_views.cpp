#include "widgets/images/class_histogram.h"
#include "widgets/images/feature_map_view.h"
#include "widgets/images/filter_view.h"
#include "widgets/images/prediction_bars.h"
#include "widgets/images/sketch_pad.h"
#include "widgets/images/tile_grid.h"

#include <QComboBox>
#include <QSignalSpy>
#include <QTest>
#include <numeric>

using namespace widgets;

namespace {

nn::Tensor counted(const nn::Shape& shape) {
    nn::Tensor tensor(shape);
    const std::span<float> values = tensor.values();
    std::iota(values.begin(), values.end(), 0.0F);
    return tensor;
}

} // namespace

class TestTensorViews : public QObject {
    Q_OBJECT

private slots:
    void filtersAskForALayerFirst() {
        FilterView view;
        QVERIFY(view.isEmpty());
        QVERIFY(view.grid()->accessibleDescription().contains(QStringLiteral("convolution")));
    }

    void everyFilterIsATile() {
        FilterView view;
        view.setKernel(QStringLiteral("conv2d"), counted({3, 3, 2, 8}));
        QCOMPARE(view.grid()->count(), 8);
        QCOMPARE(view.grid()->tile(0).size(), QSize(3, 3));
        QCOMPARE(view.scaleText(), QStringLiteral("±143, shared scale"));
    }

    void inputChannelChangesThePictures() {
        FilterView view;
        view.setKernel(QStringLiteral("conv2d"), counted({3, 3, 2, 4}));
        const QImage first = view.grid()->tile(0);
        const QSignalSpy changed(&view, &FilterView::inputChannelChanged);
        view.setInputChannel(1);
        QCOMPARE(changed.count(), 1);
        QVERIFY(view.grid()->tile(0) != first);
        view.setKernel(QStringLiteral("conv2d"), counted({3, 3, 2, 4}));
        QCOMPARE(view.inputChannel(), 1);
    }

    void threeInputChannelsAreShownAsColour() {
        FilterView view;
        view.setKernel(QStringLiteral("conv2d"), counted({5, 5, 3, 4}));
        QCOMPARE(view.inputChannel(), -1);
        const QRgb pixel = view.grid()->tile(0).pixel(2, 2);
        QVERIFY(qRed(pixel) < qBlue(pixel));
    }

    void denseKernelIsRefusedWithAReason() {
        FilterView view;
        view.setKernel(QStringLiteral("dense"), counted({16, 4}));
        QVERIFY(view.isEmpty());
        QVERIFY(view.grid()->accessibleDescription().contains(QStringLiteral("dense")));
    }

    void everyChannelIsATile() {
        FeatureMapView view;
        view.setMaps(QStringLiteral("conv2d"), counted({4, 6, 5}));
        QCOMPARE(view.grid()->count(), 5);
        QCOMPARE(view.grid()->tile(0).size(), QSize(6, 4));
        view.setMaps(QStringLiteral("conv2d"), counted({1, 4, 6, 3}));
        QCOMPARE(view.grid()->count(), 3);
    }

    void sharedScaleSaysItsRange() {
        FeatureMapView view;
        view.setMaps(QStringLiteral("conv2d"), counted({2, 2, 3}));
        QCOMPARE(view.mapScale(), MapScale::PerMap);
        const QImage alone = view.grid()->tile(0);
        const QSignalSpy changed(&view, &FeatureMapView::mapScaleChanged);
        view.setMapScale(MapScale::Shared);
        QCOMPARE(changed.count(), 1);
        QCOMPARE(view.scaleText(), QStringLiteral("0 … 11, shared scale"));
        QVERIFY(view.grid()->tile(0) != alone);
    }

    void unitsOfADenseLayerAreTiles() {
        FeatureMapView view;
        view.setMaps(QStringLiteral("dense"), counted(nn::Shape{10}));
        QCOMPARE(view.grid()->count(), 10);
        QCOMPARE(view.grid()->tile(9).size(), QSize(1, 1));
        QVERIFY(view.grid()->tile(0) != view.grid()->tile(9));
    }

    void mostLikelyClassComesFirst() {
        PredictionBars bars;
        const std::vector<float> probabilities = {0.1F, 0.6F, 0.0F, 0.3F};
        bars.setMaximumBars(3);
        bars.setPrediction({"a", "b", "c", "d"}, probabilities, 3);
        QCOMPARE(bars.shownClasses(), (std::vector<int>{1, 3, 0}));
        QVERIFY(bars.accessibleDescription().contains(QStringLiteral("true class: d")));
        bars.clear();
        QVERIFY(bars.shownClasses().empty());
    }

    void nanProbabilityComesLast() {
        PredictionBars bars;
        const std::vector<float> probabilities = {std::numeric_limits<float>::quiet_NaN(), 0.2F};
        bars.setPrediction({"a", "b"}, probabilities);
        QCOMPARE(bars.shownClasses(), (std::vector<int>{1, 0}));
        QVERIFY(!bars.grab().isNull());
    }

    void strokeIsDrawnAndCleared() {
        SketchPad pad;
        pad.resize(240, 280);
        pad.show();
        QVERIFY(QTest::qWaitForWindowExposed(&pad));
        const QSignalSpy changed(&pad, &SketchPad::sketchChanged);
        QVERIFY(pad.isBlank());
        QWidget* surface = pad.focusProxy();
        QTest::mousePress(surface, Qt::LeftButton, {}, surface->rect().center());
        QTest::mouseRelease(surface, Qt::LeftButton, {}, surface->rect().center());
        QCOMPARE(changed.count(), 1);
        QVERIFY(!pad.isBlank());
        const QImage image = pad.image({28, 28});
        QCOMPARE(image.size(), QSize(28, 28));
        QCOMPARE(image.format(), QImage::Format_Grayscale8);
        QVERIFY(qGray(image.pixel(14, 14)) > 100);
        QCOMPARE(qGray(image.pixel(0, 0)), 0);
        QTest::keyClick(surface, Qt::Key_Delete);
        QVERIFY(pad.isBlank());
        QCOMPARE(changed.count(), 2);
        QCOMPARE(qGray(pad.image({28, 28}).pixel(14, 14)), 0);
    }

    void eraserTakesAway() {
        SketchPad pad;
        pad.resize(240, 280);
        QWidget* surface = pad.focusProxy();
        surface->resize(224, 224);
        QTest::mouseClick(surface, Qt::LeftButton, {}, QPoint(112, 112));
        pad.setTool(SketchTool::Eraser);
        QTest::mouseClick(surface, Qt::LeftButton, {}, QPoint(112, 112));
        QCOMPARE(qGray(pad.image({28, 28}).pixel(14, 14)), 0);
    }

    void everyControlHasAName() {
        FilterView filters;
        filters.setKernel(QStringLiteral("conv2d"), counted({3, 3, 2, 8}));
        FeatureMapView maps;
        maps.setMaps(QStringLiteral("conv2d"), counted({4, 6, 5}));
        SketchPad pad;
        ClassHistogram histogram;
        for (QWidget* view : std::initializer_list<QWidget*>{&filters, &maps, &pad, &histogram}) {
            QList<QWidget*> parts = view->findChildren<QWidget*>();
            parts += view;
            for (const QWidget* child : parts) {
                QVERIFY2(child->focusPolicy() == Qt::NoFocus || !child->accessibleName().isEmpty(),
                         child->metaObject()->className());
            }
        }
    }

    void histogramIsReadByKeys() {
        ClassHistogram histogram;
        histogram.setCounts({{"cat", 10, 2}, {"dog", 20, 4}});
        QTest::keyClick(&histogram, Qt::Key_Down);
        QTest::keyClick(&histogram, Qt::Key_Down);
        QVERIFY(histogram.accessibleDescription().startsWith(QStringLiteral("dog: 20")));
        const QSignalSpy activated(&histogram, &ClassHistogram::classActivated);
        QTest::keyClick(&histogram, Qt::Key_Return);
        QCOMPARE(activated.count(), 1);
    }
};

QTEST_MAIN(TestTensorViews)
#include "tst_tensor_views.moc"
