#include "widgets/params/help_strip.h"

#include <QTest>

class HelpStripTest : public QObject {
    Q_OBJECT

private slots:
    void keepsItsHeightWhateverItSays() {
        widgets::HelpStrip strip;
        strip.resize(200, strip.sizeHint().height());
        const int before = strip.sizeHint().height();
        strip.showHelp(QStringLiteral("filters: how many patterns to learn. ").repeated(20));
        QCOMPARE(strip.sizeHint().height(), before);
        QVERIFY(strip.text().endsWith(QChar(0x2026)));
        QVERIFY(strip.toolTip().contains(QStringLiteral("how many patterns")));
        strip.showHelp(QStringLiteral("filters: short."));
        QCOMPARE(strip.text(), QStringLiteral("filters: short."));
        QVERIFY(strip.toolTip().isEmpty());
    }

    void saysWhatItIsForWhileNothingIsLookedAt() {
        widgets::HelpStrip strip;
        strip.resize(300, strip.sizeHint().height());
        strip.showHelp({});
        QVERIFY(strip.text().contains(QStringLiteral("argument")));
    }
};

QTEST_MAIN(HelpStripTest)
#include "tst_help_strip.moc"
