#include "widgets/params/param_form.h"
#include "widgets/params/param_layout.h"
#include "widgets/theme.h"

#include <QApplication>
#include <QCheckBox>
#include <QLabel>
#include <QTest>

namespace {

nn::ParamSpec number(const std::string& name) {
    return {.name = name, .kind = nn::ParamKind::Real, .defaultValue = 1.0, .help = "A number."};
}

nn::ParamSpec box(const std::string& name) {
    return {.name = name, .kind = nn::ParamKind::Bool, .defaultValue = false, .help = "Yes or no."};
}

nn::ParamSpec choice(const std::string& name, const std::vector<std::string>& choices) {
    return {.name = name,
            .kind = nn::ParamKind::Choice,
            .defaultValue = choices.front(),
            .choices = choices,
            .help = "One of them."};
}

/// A form of these rows, shown at a width.
struct Shown {
    Shown(const std::vector<nn::ParamSpec>& specs, int width) {
        form.setSpecs(specs);
        form.setValues({{}});
        show(width);
    }
    void show(int width) {
        form.resize(width, form.heightForWidth(width));
        form.show();
        form.layout()->activate();
    }
    [[nodiscard]] QRect field(const char* name) const { return placeOf(form.field(name)); }
    [[nodiscard]] QRect label(const char* name) const {
        for (const QLabel* each : form.findChildren<QLabel*>()) {
            if (each->accessibleName() == QString(name)) {
                return placeOf(each);
            }
        }
        return {};
    }
    [[nodiscard]] QRect placeOf(const QWidget* part) const {
        return {part->mapTo(&form, QPoint()), part->size()};
    }
    widgets::ParamForm form;
};

constexpr const char* kLong = "gradient_accumulation_steps";

} // namespace

class ParamLayoutTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { widgets::applyTheme(*qApp, widgets::Theme::light()); }

    void namesStandBesideTheirEditorsWhereThereIsRoom() {
        const Shown shown({number("rate"), number("momentum")}, 320);
        QVERIFY(shown.label("rate").right() < shown.field("rate").left());
        QCOMPARE(shown.field("rate").left(), shown.field("momentum").left());
        QVERIFY(qAbs(shown.label("rate").center().y() - shown.field("rate").center().y()) <= 1);
    }

    void aLongNameStandsAboveAndLeavesTheColumnAlone() {
        const Shown shown({number("rate"), number("momentum"), number("decay"), number(kLong)},
                          300);
        QCOMPARE(shown.field(kLong).left(), shown.field("rate").left());
        QVERIFY(shown.label(kLong).bottom() < shown.field(kLong).top());
        QVERIFY(shown.label("rate").right() < shown.field("rate").left());
    }

    // The choice below "reduction" of tversky showed "sum_o…_size".
    void belowALongNameANarrowEditorIsAsWideAsTheForm() {
        const Shown shown({number("alpha"), number("beta"), number("axis"), number("reduction")},
                          224);
        QVERIFY(shown.label("alpha").right() < shown.field("alpha").left());
        QVERIFY(shown.label("reduction").bottom() < shown.field("reduction").top());
        QVERIFY(shown.field("reduction").width() > 180);
    }

    // RandomFlip's "horizontal_and_vertical" was shortened beside its name.
    void aNarrowChoiceOfLongWordsIsAsWideAsTheForm() {
        const Shown shown({choice("mode", {"horizontal_and_vertical", "vertical"}),
                           choice("axis", {"x", "y"}), number("seed")},
                          224);
        QVERIFY(shown.label("axis").right() < shown.field("axis").left());
        QVERIFY(shown.label("mode").bottom() < shown.field("mode").top());
        QVERIFY(shown.field("mode").width() > 180);
    }

    void allNamesStandAboveInANarrowForm() {
        const Shown shown({number("learning_rate_of_it"), number(kLong)}, 212);
        for (const char* name : {"learning_rate_of_it", kLong}) {
            QVERIFY(shown.label(name).bottom() < shown.field(name).top());
            QVERIFY(shown.field(name).width() > 180);
        }
    }

    void theHeightFollowsTheWidth() {
        const Shown shown({number("learning_rate_of_it"), number(kLong)}, 212);
        QVERIFY(shown.form.heightForWidth(212) > shown.form.heightForWidth(420));
        QVERIFY(shown.field(kLong).bottom() <= shown.form.height());
    }

    void aCheckBoxStandsBeforeItsNameInANarrowForm() {
        const Shown shown({box("use_bias_of_the_layer"), number(kLong)}, 212);
        QVERIFY(shown.field("use_bias_of_the_layer").right() <=
                shown.label("use_bias_of_the_layer").left());
    }

    void hiddenRowsTakeNoRoom() {
        nn::ParamSpec hidden = number("nesterov");
        hidden.shownWhenParam = "momentum";
        hidden.shownWhenNot = 1.0;
        const Shown one({number("momentum")}, 300);
        const Shown two({number("momentum"), hidden}, 300);
        QCOMPARE(two.form.heightForWidth(300), one.form.heightForWidth(300));
    }

    void anEmptyMessageTakesNoRoom() {
        Shown shown({number("rate")}, 300);
        const int before = shown.form.heightForWidth(300);
        shown.form.setProblems({{"rate", "Expected another."}});
        QVERIFY(shown.form.heightForWidth(300) > before);
        shown.form.setProblems({});
        QCOMPARE(shown.form.heightForWidth(300), before);
    }
};

QTEST_MAIN(ParamLayoutTest)
#include "tst_param_layout.moc"
