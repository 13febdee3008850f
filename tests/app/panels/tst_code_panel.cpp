#include "tests/support/app/window_fixture.h"
#include "widgets/code_view.h"

#include <QDockWidget>
#include <QTest>

class CodePanelTest : public QObject {
    Q_OBJECT

private slots:
    void keyShowsItAndItFollowsTheNetwork() {
        tests::WindowFixture fixture;
        fixture.window->show();
        fixture.session->document.reset(tests::digitsProject(3), {});
        auto* dock = fixture.window->findChild<QDockWidget*>("code");
        auto* view = dock->findChild<widgets::CodeView*>();
        QVERIFY(view->code().isEmpty()); // nobody looks: nothing is made
        fixture.trigger(app::ActionId::ShowKerasCode);
        QTRY_VERIFY(view->isVisible());
        QTRY_VERIFY(view->code().contains("epochs=3"));
        nn::Project next = fixture.session->document.project();
        next.training.epochs = 77;
        fixture.session->document.commit(std::move(next), "Set epochs");
        QVERIFY(view->code().contains("epochs=77"));
    }
};

QTEST_MAIN(CodePanelTest)
#include "tst_code_panel.moc"
