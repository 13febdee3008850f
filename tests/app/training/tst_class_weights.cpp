#include "app/training/class_weights.h"

#include <QTest>

using app::ClassWeights;

class ClassWeightsTest : public QObject {
    Q_OBJECT

private slots:
    void readsWhatPeopleAndPythonWrite() {
        const ClassWeights wanted{{0, 1.5}, {3, 0.2}};
        QCOMPARE(app::parsedClassWeights("0:1.5,3:0.2").value(), wanted);
        QCOMPARE(app::parsedClassWeights(" {0: 1.5, 3: 0.2} ").value(), wanted);
        QCOMPARE(app::parsedClassWeights("").value(), ClassWeights{});
        QCOMPARE(app::parsedClassWeights(app::classWeightsText(wanted)).value(), wanted);
    }

    void refusesWhatIsNoWeight() {
        for (const char* text : {"x:1", "0", "0:", "0:-1", "-1:1", "0:nan", "0 1"}) {
            const auto read = app::parsedClassWeights(text);
            QVERIFY2(!read, text);
            QVERIFY(QString::fromStdString(read.error().message).contains("CLASS: WEIGHT"));
        }
    }

    void balancedClassesCountTheSameInAll() {
        const std::vector<std::int32_t> labels{0, 0, 0, 1, 2, 2};
        const ClassWeights weights = app::balancedWeights(labels);
        QCOMPARE(weights, (ClassWeights{{0, 0.667}, {1, 2.0}})); // class 2: exactly 1
        QCOMPARE(app::balancedWeights(std::vector<std::int32_t>{0, 1}), ClassWeights{});
    }
};

QTEST_APPLESS_MAIN(ClassWeightsTest)
#include "tst_class_weights.moc"
