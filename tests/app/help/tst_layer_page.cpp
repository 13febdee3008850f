#include "app/help/layer_example.h"
#include "app/help/layer_page.h"
#include "nn/model/registry.h"

#include "widgets/theme.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

namespace {

QString type(const nn::LayerDef& def) {
    return QString::fromStdString(def.type);
}

void addLayerRows() {
    QTest::addColumn<QString>("type");
    for (const nn::LayerDef& def : nn::layerDefs()) {
        QTest::newRow(def.type.c_str()) << type(def);
    }
}

} // namespace

class LayerPageTest : public QObject {
    Q_OBJECT

private slots:
    void everyLayerHasAFigureOfItsOwnNumbers_data() { addLayerRows(); }
    void everyLayerHasAFigureOfItsOwnNumbers() {
        QFETCH(const QString, type);
        const nn::LayerDef& def = *nn::findLayerDef(type.toStdString());
        const widgets::LayerFigure figure = app::layerFigure(def);
        QVERIFY(!figure.isEmpty());
        const QSize size = widgets::layerFigureSize(figure);
        QVERIFY2(size.width() > 60 && size.width() < 900,
                 qPrintable(QString::number(size.width())));
        QVERIFY(size.height() > 60 && size.height() < 700);
        for (const widgets::Theme* theme :
             {&widgets::Theme::light(), &widgets::Theme::dark(), &widgets::Theme::highContrast()}) {
            QVERIFY(!widgets::layerFigureImage(figure, *theme, 1.0).isNull());
        }
    }

    // Subtract showed zeros, CutMix and Cropping2D an unchanged image, RandomBrightness a white
    // one.
    void everyFigureShowsWhatTheLayerDoes_data() { addLayerRows(); }
    void everyFigureShowsWhatTheLayerDoes() {
        QFETCH(const QString, type);
        const nn::LayerDef& def = *nn::findLayerDef(type.toStdString());
        const widgets::LayerFigure figure = app::layerFigure(def);
        const bool isUnchanged = type == "Identity" || type == "ActivityRegularization";
        if (figure.inputs.empty() || isUnchanged) {
            return;
        }
        const std::vector<float>& output = figure.output->values;
        for (const auto& input : figure.inputs) {
            QVERIFY(input.values != output || input.shape != figure.output->shape);
        }
        const auto [least, most] = std::ranges::minmax(output);
        QVERIFY(output.size() == 1 || least < most);
        QCOMPARE(figure.kernel.size() % 3, std::size_t{0});
    }

    void everyLayerSaysItsShape_data() { addLayerRows(); }
    void everyLayerSaysItsShape() {
        QFETCH(const QString, type);
        const nn::LayerDef& def = *nn::findLayerDef(type.toStdString());
        QVERIFY(!def.shapeFormula.empty());
        QVERIFY2(!app::layerPageMarkdown(def).contains(" 1 parameters"), def.type.c_str());
    }

    void everyArgumentIsExplained_data() { addLayerRows(); }
    void everyArgumentIsExplained() {
        QFETCH(const QString, type);
        const nn::LayerDef& def = *nn::findLayerDef(type.toStdString());
        const QString html = app::layerPageHtml(def, widgets::Theme::light());
        const QString page = app::layerPageMarkdown(def);
        for (const nn::ParamSpec& spec : def.params) {
            QVERIFY2(!spec.help.empty(), spec.name.c_str());
            QVERIFY2(html.contains(QStringLiteral("<b>%1</b>").arg(spec.name.c_str())),
                     spec.name.c_str());
            QVERIFY2(page.contains(QStringLiteral("| `%1` |").arg(spec.name.c_str())),
                     spec.name.c_str());
        }
        QVERIFY(page.contains(QStringLiteral("    layers.%1(").arg(type)) ||
                page.contains(QStringLiteral("    keras.Input(")));
        QVERIFY(page.contains(QStringLiteral("\n- example: ")));
    }

    void activationsAreCurves() {
        const widgets::LayerFigure relu = app::layerFigure(*nn::findLayerDef("ReLU"));
        QCOMPARE(relu.curves.size(), std::size_t(1));
        const QPolygonF& points = relu.curves.front().points;
        QCOMPARE(points.front(), QPointF(-4.0, 0.0));
        QCOMPARE(points.back(), QPointF(4.0, 4.0));
        QVERIFY(app::layerFigure(*nn::findLayerDef("Activation")).curves.size() > 5);
        QVERIFY(app::layerFigure(*nn::findLayerDef("Softmax")).curves.empty());
    }

    void convolutionShowsItsWindowAndFilter() {
        const widgets::LayerFigure figure = app::layerFigure(*nn::findLayerDef("Conv2D"));
        QCOMPARE(figure.window.kernel, (nn::Size2{3, 3}));
        QCOMPARE(figure.kernel.size(), std::size_t(9));
        // The numbers are those of the filter laid over the input.
        const auto& in = figure.inputs.front();
        const auto width = static_cast<std::size_t>(in.shape[1]);
        float sum = 0.0F;
        for (std::size_t row = 0; row < 3; ++row) {
            for (std::size_t column = 0; column < 3; ++column) {
                sum += figure.kernel[row * 3 + column] * in.values[row * width + column];
            }
        }
        QCOMPARE(figure.output->values.front(), sum);
    }

    void pagesAreWrittenForEveryLayer() {
        const QTemporaryDir folder;
        QCOMPARE(app::writeLayerPages(folder.path()), QString());
        QFile index(folder.filePath("README.md"));
        QVERIFY(index.open(QIODevice::ReadOnly));
        const QString list = QString::fromUtf8(index.readAll());
        for (const nn::LayerDef& def : nn::layerDefs()) {
            const QString name = app::layerPageName(def);
            QVERIFY(list.contains(QStringLiteral("(%1.md)").arg(name)));
            QVERIFY2(QFile::exists(folder.filePath(name + ".md")), qPrintable(name));
            QVERIFY2(QFile::exists(folder.filePath(name + ".png")), qPrintable(name));
        }
    }
};

QTEST_MAIN(LayerPageTest)
#include "tst_layer_page.moc"
