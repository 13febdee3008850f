#include "tests/support/app/window_fixture.h"
#include "widgets/summary_model.h"
#include "widgets/summary_view.h"

#include <QTableView>
#include <QTest>

using widgets::SummaryModel;

class SummaryPanelTest : public QObject {
    Q_OBJECT

private slots:
    void everyColumnOfTheTableIsFilled() {
        tests::WindowFixture fixture;
        fixture.session->document.reset(tests::digitsProject(1), {});
        auto* view = fixture.window->findChild<widgets::SummaryView*>();
        auto* table = view->findChild<QTableView*>();
        QVERIFY(!table->isColumnHidden(SummaryModel::ReceptiveField));
        const auto textAt = [table](int column) {
            return table->model()->index(0, column).data().toString();
        };
        QCOMPARE(textAt(SummaryModel::Type), QString("Conv2D"));
        QCOMPARE(textAt(SummaryModel::ReceptiveField), QString::fromUtf8("3×3"));
        for (int column = 0; column < SummaryModel::ColumnCount; ++column) {
            QVERIFY2(!textAt(column).isEmpty(), qPrintable(QString::number(column)));
        }
    }
};

QTEST_MAIN(SummaryPanelTest)
#include "tst_summary_panel.moc"
