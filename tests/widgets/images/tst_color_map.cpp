#include "widgets/images/color_map.h"
#include "widgets/theme.h"

#include <QTest>

using namespace widgets;

class TestColorMap : public QObject {
    Q_OBJECT

private slots:
    void luminanceRises_data() {
        QTest::addColumn<int>("name");
        QTest::newRow("viridis") << static_cast<int>(ColorMapName::Viridis);
        QTest::newRow("cividis") << static_cast<int>(ColorMapName::Cividis);
        QTest::newRow("gray") << static_cast<int>(ColorMapName::Gray);
    }
    void luminanceRises() {
        QFETCH(int, name);
        const auto& table = colorMap(static_cast<ColorMapName>(name)).table();
        for (std::size_t i = 1; i < table.size(); ++i) {
            const double step = relativeLuminance(table[i]) - relativeLuminance(table[i - 1]);
            // Rounding to 8 bits may take back at most one level of the blue channel.
            QVERIFY2(step > -0.0005, qPrintable(QString::number(i)));
        }
        for (std::size_t i = 8; i < table.size(); ++i) {
            QVERIFY(relativeLuminance(table[i]) > relativeLuminance(table[i - 8]));
        }
    }

    void viridisHasItsEndsAndStops() {
        const ColorMap& map = colorMap(ColorMapName::Viridis);
        QCOMPARE(map.at(0.0F), QRgb(0xFF440154));
        QCOMPARE(map.at(1.0F), QRgb(0xFFFDE725));
        QCOMPARE(map.at(-3.0F), map.at(0.0F));
        QCOMPARE(map.at(7.0F), map.at(1.0F));
    }

    void divergingCentreIsExactlyNeutral() {
        const ColorMap& map = colorMap(ColorMapName::BlueWhiteRed);
        QVERIFY(map.isDiverging());
        const QRgb centre = map.at(0.5F);
        QCOMPARE(qRed(centre), qGreen(centre));
        QCOMPARE(qGreen(centre), qBlue(centre));
        QVERIFY(qRed(centre) > 240);
    }

    void divergingIsBlueBelowAndRedAbove() {
        const ColorMap& map = colorMap(ColorMapName::BlueWhiteRed);
        QVERIFY(qBlue(map.at(0.2F)) > qRed(map.at(0.2F)));
        QVERIFY(qRed(map.at(0.8F)) > qBlue(map.at(0.8F)));
        const auto& table = map.table();
        for (std::size_t i = 1; i <= 128; ++i) {
            QVERIFY(relativeLuminance(table[i]) > relativeLuminance(table[i - 1]));
            QVERIFY(relativeLuminance(table[256 - i]) > relativeLuminance(table[257 - i]));
        }
    }
};

QTEST_APPLESS_MAIN(TestColorMap)
#include "tst_color_map.moc"
