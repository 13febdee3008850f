#include "widgets/layer_palette.h"

#include "nn/model/registry.h"

#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTest>
#include <QTreeWidget>

using namespace widgets;

class LayerPaletteTest : public QObject {
    Q_OBJECT

private slots:
    void showsEveryLayerInOrder();
    void longNamesTakeTwoLines();
    void searchFindsByNameAndMeaning();
    void betterMatchesScoreHigher();
    void enterAddsTheBestMatch();
    void arrowsInTheSearchWalkTheList();
    void doubleClickAdds();
    void nothingFoundSuggestsTheNearest();
    void typingInTheListSearches();
};

namespace {

QLineEdit* searchOf(LayerPalette& palette) {
    return palette.findChild<QLineEdit*>();
}
QTreeWidget* treeOf(LayerPalette& palette) {
    return palette.findChild<QTreeWidget*>();
}

} // namespace

void LayerPaletteTest::showsEveryLayerInOrder() {
    LayerPalette palette;
    QStringList types;
    for (const nn::LayerDef& def : nn::layerDefs()) {
        types << QString::fromStdString(def.type);
    }
    QCOMPARE(palette.shownTypes(), types);
}

void LayerPaletteTest::longNamesTakeTwoLines() {
    LayerPalette palette;
    palette.resize(230, 600);
    palette.show();
    const auto heightOf = [&](const char* type) {
        const auto found = treeOf(palette)->findItems(QString::fromLatin1(type),
                                                      Qt::MatchExactly | Qt::MatchRecursive);
        return treeOf(palette)->visualItemRect(found.front()).height();
    };
    const int line = palette.fontMetrics().height();
    QVERIFY(heightOf("ContrastLimitedAdaptiveHistogramEqualization") >= 2 * line);
    QVERIFY(heightOf("Dense") < 2 * line);
    palette.resize(900, 600);
    QTRY_COMPARE(heightOf("ContrastLimitedAdaptiveHistogramEqualization"), heightOf("Dense"));
}

void LayerPaletteTest::searchFindsByNameAndMeaning() {
    LayerPalette palette;
    palette.setSearch("max");
    QVERIFY(palette.shownTypes().contains("MaxPooling2D"));
    QVERIFY(!palette.shownTypes().contains("Dense"));
    palette.setSearch("batch_norm");
    QCOMPARE(palette.shownTypes(), QStringList{"BatchNormalization"});
    palette.setSearch("gap2");
    QVERIFY(palette.shownTypes().contains("GlobalAveragePooling2D"));
    palette.setSearch("");
    QVERIFY(palette.shownTypes().size() == static_cast<qsizetype>(nn::layerDefs().size()));
}

void LayerPaletteTest::betterMatchesScoreHigher() {
    QVERIFY(searchScore("conv", "Conv2D", "") > searchScore("conv", "SeparableConv2D", ""));
    QVERIFY(searchScore("pool", "MaxPooling2D", "") > searchScore("mxp", "MaxPooling2D", ""));
    QVERIFY(searchScore("image", "Conv2D", "Slides over an image.") > 0);
    QCOMPARE(searchScore("zzz", "Conv2D", "Slides over an image."), 0);
}

void LayerPaletteTest::enterAddsTheBestMatch() {
    LayerPalette palette;
    QSignalSpy added(&palette, &LayerPalette::addWished);
    QTest::keyClicks(searchOf(palette), "drop");
    QTest::keyClick(searchOf(palette), Qt::Key_Return);
    QCOMPARE(added.count(), 1);
    QCOMPARE(added.first().first().toString(), QStringLiteral("Dropout"));
}

void LayerPaletteTest::arrowsInTheSearchWalkTheList() {
    LayerPalette palette;
    QSignalSpy added(&palette, &LayerPalette::addWished);
    const QStringList types = palette.shownTypes();
    QTest::keyClick(searchOf(palette), Qt::Key_Down);
    QTest::keyClick(searchOf(palette), Qt::Key_Down);
    QTest::keyClick(searchOf(palette), Qt::Key_Return);
    QCOMPARE(added.first().first().toString(), types[1]);
}

void LayerPaletteTest::doubleClickAdds() {
    LayerPalette palette;
    palette.resize(240, 800);
    palette.show();
    QSignalSpy added(&palette, &LayerPalette::addWished);
    QTreeWidget* tree = treeOf(palette);
    const QTreeWidgetItem* item = tree->topLevelItem(1)->child(0);
    const QPoint at = tree->visualItemRect(item).center();
    QTest::mouseClick(tree->viewport(), Qt::LeftButton, Qt::NoModifier, at);
    QTest::mouseDClick(tree->viewport(), Qt::LeftButton, Qt::NoModifier, at);
    QCOMPARE(added.count(), 1);
    QCOMPARE(added.first().first().toString(), item->text(0));
}

void LayerPaletteTest::nothingFoundSuggestsTheNearest() {
    LayerPalette palette;
    palette.show();
    palette.setSearch("Dens3");
    QCOMPARE(palette.shownTypes(), QStringList());
    QVERIFY(!treeOf(palette)->isVisible());
    bool suggested = false;
    for (const QLabel* label : palette.findChildren<QLabel*>()) {
        suggested = suggested || (label->isVisible() && label->text().contains("Dense"));
    }
    QVERIFY(suggested);
    QSignalSpy added(&palette, &LayerPalette::addWished);
    QTest::keyClick(searchOf(palette), Qt::Key_Return);
    QCOMPARE(added.count(), 0);
    QTest::keyClick(searchOf(palette), Qt::Key_Escape);
    QVERIFY(treeOf(palette)->isVisible());
}

void LayerPaletteTest::typingInTheListSearches() {
    LayerPalette palette;
    palette.show();
    QTest::keyClicks(treeOf(palette), "f");
    QCOMPARE(searchOf(palette)->text(), QStringLiteral("f"));
}

QTEST_MAIN(LayerPaletteTest)
#include "tst_layer_palette.moc"
