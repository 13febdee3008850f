#include "nn/model/registry.h"
#include "widgets/params/object_list.h"
#include "widgets/params/param_form.h"

#include <QApplication>
#include <QLineEdit>
#include <QMenu>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

namespace {

using Objects = std::vector<nn::ParamObject>;

const std::vector<nn::ObjectDef>& flavours() {
    static const std::vector<nn::ObjectDef> defs = [] {
        nn::ParamSpec rate{.name = "rate", .kind = nn::ParamKind::Real, .min = 0.0, .max = 1.0};
        rate.defaultValue = 0.5;
        rate.help = "How much.";
        return std::vector<nn::ObjectDef>{
            {.type = "Plain", .title = "Without arguments"},
            {.type = "Rated", .title = "With one", .params = {rate}},
        };
    }();
    return defs;
}

const nn::ObjectFamily kFamily{
    .name = "flavour", .phrase = "a flavour", .module = "flavours", .defs = flavours};

QToolButton* button(widgets::ObjectList& list, int entry, const char* name) {
    auto* box = list.findChild<QWidget*>(QStringLiteral("entry-%1").arg(entry));
    return box == nullptr ? nullptr : box->findChild<QToolButton*>(name);
}

/// A list that keeps what it wishes, as a document would.
struct Kept {
    explicit Kept(const Objects& objects) {
        list.setObjects(objects);
        QObject::connect(&list, &widgets::ObjectList::changed, &list,
                         [this](const Objects& next, const QString& what) {
                             said = what;
                             list.setObjects(next);
                         });
    }
    widgets::ObjectList list{kFamily};
    QString said;
};

} // namespace

class ObjectListTest : public QObject {
    Q_OBJECT

private slots:
    void addsFromTheMenuOfTheFamily() {
        Kept kept({});
        const QList<QAction*> actions = kept.list.findChild<QToolButton*>("add")->menu()->actions();
        QCOMPARE(actions.size(), 2);
        actions[1]->trigger();
        QCOMPARE(kept.list.objects(), (Objects{nn::ParamObject("Rated")}));
        QCOMPARE(kept.said, QStringLiteral("Add Rated"));
        QVERIFY(kept.list.form(0) != nullptr);
    }

    void movesAndRemoves() {
        Kept kept({nn::ParamObject("Plain"), nn::ParamObject("Rated")});
        QVERIFY(!button(kept.list, 0, "up")->isEnabled());
        QVERIFY(!button(kept.list, 1, "down")->isEnabled());
        button(kept.list, 1, "up")->click();
        QCOMPARE(kept.list.objects(),
                 (Objects{nn::ParamObject("Rated"), nn::ParamObject("Plain")}));
        button(kept.list, 0, "remove")->click();
        QCOMPARE(kept.list.objects(), (Objects{nn::ParamObject("Plain")}));
        button(kept.list, 0, "remove")->click();
        QVERIFY(kept.list.objects().empty());
    }

    void argumentsAreEditedAndChecked() {
        Kept kept({nn::ParamObject("Plain"), nn::ParamObject("Rated")});
        widgets::ParamForm* form = kept.list.form(1);
        emit form->valueCommitted("rate", 0.25);
        QCOMPARE(kept.list.objects()[1], nn::ParamObject("Rated", {{"rate", 0.25}}));
        QCOMPARE(kept.list.form(1), form); // the field keeps the keyboard
        emit form->valueCommitted("rate", 7.0);
        QVERIFY(!form->message("rate").isEmpty());
        QCOMPARE(kept.list.objects()[1], nn::ParamObject("Rated", {{"rate", 0.25}}));
    }

    void sameListAgainEmitsNothing() {
        widgets::ObjectList list(kFamily);
        const QSignalSpy changes(&list, &widgets::ObjectList::changed);
        list.setObjects({nn::ParamObject("Rated")});
        list.setObjects({nn::ParamObject("Rated", {{"rate", 0.1}})});
        QCOMPARE(changes.size(), 0);
    }
};

QTEST_MAIN(ObjectListTest)
#include "tst_object_list.moc"
