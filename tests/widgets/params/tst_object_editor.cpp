#include "widgets/params/object_editor.h"

#include "nn/exec/initializers.h"
#include "nn/exec/regularizers.h"
#include "widgets/params/param_form.h"

#include <QComboBox>
#include <QFocusEvent>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

// g++ 12 takes members of a temporary std::variant for uninitialized when it is compared.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

using namespace widgets;

namespace {

const nn::ParamSpec kInitializer{.name = "kernel_initializer",
                                 .kind = nn::ParamKind::Object,
                                 .defaultValue = nn::ParamObject("GlorotUniform"),
                                 .family = &nn::kInitializers,
                                 .help = "How it starts."};
const nn::ParamSpec kRegularizer{.name = "kernel_regularizer",
                                 .kind = nn::ParamKind::Object,
                                 .defaultValue = nn::None{},
                                 .optional = true,
                                 .family = &nn::kRegularizers};
/// Stands for learning_rate: any family will do.
const nn::ParamSpec kRate{.name = "rate",
                          .kind = nn::ParamKind::Real,
                          .defaultValue = 0.01,
                          .min = 0.0,
                          .max = 1.0,
                          .family = &nn::kRegularizers};

} // namespace

/// Forms with arguments that are objects; the form's owner sets back what it is told.
class ObjectEditorTest : public QObject {
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void offersEveryClass();
    void choosingAClassCommitsItsDefaults();
    void argumentsStandBelowTheirClass();
    void typingInsideIsPreviewedAndCommittedOnce();
    void wrongNumbersAreExplainedAndNotEmitted();
    void noneTakesTheArgumentsAway();
    void resetGoesBackToTheDefault();
    void resetInsideKeepsTheClass();
    void differingObjectsShowADash();
    void numberOrObject();
    void helpTellsAboutTheClassAndItsArguments();

private:
    [[nodiscard]] ObjectEditor* editor(const char* name) const {
        return qobject_cast<ObjectEditor*>(
            m_form->findChild<QWidget*>(QString::fromLatin1(name))->parentWidget());
    }
    [[nodiscard]] QLineEdit* inside(const char* name) const {
        QWidget* widget = m_form->findChild<QWidget*>(QString::fromLatin1(name));
        auto* line = qobject_cast<QLineEdit*>(widget);
        return line != nullptr ? line : widget->findChild<QLineEdit*>();
    }
    void choose(const char* name, const char* text) const;
    void set(const nn::ParamMap& params) {
        m_params = params;
        m_form->setValues({m_params});
    }
    [[nodiscard]] nn::ParamValue value(const nn::ParamSpec& spec) const {
        return nn::paramValue(m_params, spec);
    }

    std::unique_ptr<ParamForm> m_form;
    nn::ParamMap m_params;
    int m_commits = 0;
    int m_previews = 0;
};

void ObjectEditorTest::init() {
    m_form = std::make_unique<ParamForm>();
    m_params.clear();
    m_commits = 0;
    m_previews = 0;
    const std::vector<nn::ParamSpec> specs{kInitializer, kRegularizer, kRate};
    m_form->setSpecs(specs);
    m_form->setValues({m_params});
    const auto take = [this, specs](const QString& name, const nn::ParamValue& given) {
        m_params = nn::withParam(m_params, specs, name.toStdString(), given).value();
        m_form->setValues({m_params});
    };
    connect(m_form.get(), &ParamForm::valueCommitted, this,
            [this, take](const QString& name, const nn::ParamValue& given) {
                ++m_commits;
                take(name, given);
            });
    connect(m_form.get(), &ParamForm::valuePreviewed, this,
            [this, take](const QString& name, const nn::ParamValue& given) {
                ++m_previews;
                take(name, given);
            });
    m_form->show();
    QVERIFY(QTest::qWaitForWindowActive(m_form.get()));
}

void ObjectEditorTest::cleanup() {
    m_form.reset();
}

void ObjectEditorTest::choose(const char* name, const char* text) const {
    QComboBox* box = editor(name)->choice();
    const int index = box->findText(QString::fromLatin1(text));
    QVERIFY2(index >= 0, text);
    box->setCurrentIndex(index);
    emit box->activated(index);
}

void ObjectEditorTest::offersEveryClass() {
    const QComboBox* box = editor("kernel_initializer")->choice();
    QCOMPARE(box->count(), static_cast<int>(nn::initializerDefs().size()));
    QCOMPARE(box->currentText(), QStringLiteral("glorot_uniform"));
    for (int i = 0; i < box->count(); ++i) {
        QVERIFY(!box->itemData(i, Qt::ToolTipRole).toString().isEmpty());
    }
    QCOMPARE(editor("kernel_regularizer")->choice()->currentText(), QStringLiteral("None"));
}

void ObjectEditorTest::choosingAClassCommitsItsDefaults() {
    choose("kernel_initializer", "he_normal");
    QCOMPARE(m_commits, 1);
    QVERIFY(value(kInitializer) == nn::ParamValue(nn::ParamObject("HeNormal")));
    choose("kernel_initializer", "he_normal");
    QCOMPARE(m_commits, 1);
}

void ObjectEditorTest::argumentsStandBelowTheirClass() {
    QVERIFY(!editor("kernel_regularizer")->details()->isVisible());
    choose("kernel_regularizer", "l1_l2");
    ObjectEditor* regularizer = editor("kernel_regularizer");
    QVERIFY(regularizer->details()->isVisible());
    QVERIFY(regularizer->form()->isShown("l1") && regularizer->form()->isShown("l2"));
    QVERIFY(regularizer->details()->geometry().top() >= regularizer->geometry().bottom());
    choose("kernel_initializer", "zeros");
    QVERIFY(!editor("kernel_initializer")->details()->isVisible());
}

void ObjectEditorTest::typingInsideIsPreviewedAndCommittedOnce() {
    choose("kernel_regularizer", "l2");
    QLineEdit* line = inside("kernel_regularizer-l2");
    line->setFocus();
    line->selectAll();
    QTest::keyClicks(line, "0.5");
    QVERIFY(m_previews > 0);
    QCOMPARE(m_commits, 1);
    QTest::keyClick(line, Qt::Key_Return);
    QCOMPARE(m_commits, 2);
    QVERIFY(value(kRegularizer) == nn::ParamValue(nn::ParamObject("L2", {{"l2", 0.5}})));
}

void ObjectEditorTest::wrongNumbersAreExplainedAndNotEmitted() {
    choose("kernel_regularizer", "l2");
    QLineEdit* line = inside("kernel_regularizer-l2");
    line->setFocus();
    line->selectAll();
    QTest::keyClicks(line, "-3");
    QVERIFY(value(kRegularizer) == nn::ParamValue(nn::ParamObject("L2")));
    QVERIFY(editor("kernel_regularizer")->form()->message("l2").contains("received -3"));
}

void ObjectEditorTest::noneTakesTheArgumentsAway() {
    set({{"kernel_regularizer", nn::ParamObject("L1")}});
    QVERIFY(editor("kernel_regularizer")->details()->isVisible());
    choose("kernel_regularizer", "None");
    QVERIFY(value(kRegularizer) == nn::ParamValue(nn::None{}));
    QVERIFY(!editor("kernel_regularizer")->details()->isVisible());
}

void ObjectEditorTest::resetGoesBackToTheDefault() {
    set({{"kernel_initializer", nn::ParamObject("Constant", {{"value", 2.0}})}});
    QTest::mouseClick(m_form->resetButton("kernel_initializer"), Qt::LeftButton);
    QVERIFY(value(kInitializer) == kInitializer.defaultValue);
    QCOMPARE(editor("kernel_initializer")->choice()->currentText(),
             QStringLiteral("glorot_uniform"));
}

void ObjectEditorTest::resetInsideKeepsTheClass() {
    set({{"kernel_initializer", nn::ParamObject("Constant", {{"value", 2.0}})}});
    QTest::mouseClick(editor("kernel_initializer")->form()->resetButton("value"), Qt::LeftButton);
    QVERIFY(value(kInitializer) == nn::ParamValue(nn::ParamObject("Constant")));
}

void ObjectEditorTest::differingObjectsShowADash() {
    m_form->setValues({{{"kernel_initializer", nn::ParamObject("Ones")}}, {}});
    QCOMPARE(editor("kernel_initializer")->choice()->currentIndex(), -1);
    QVERIFY(!editor("kernel_initializer")->details()->isVisible());
    choose("kernel_initializer", "glorot_uniform");
    QCOMPARE(m_commits, 1);
}

void ObjectEditorTest::numberOrObject() {
    ObjectEditor* rate = editor("rate-kind");
    QCOMPARE(rate->choice()->currentText(), QStringLiteral("constant"));
    QVERIFY(rate->field()->isVisible());
    choose("rate-kind", "l2");
    QVERIFY(!rate->field()->isVisible());
    QVERIFY(value(kRate) == nn::ParamValue(nn::ParamObject("L2")));
    choose("rate-kind", "constant");
    QVERIFY(value(kRate) == nn::ParamValue(0.01));
    QLineEdit* line = inside("rate");
    line->setFocus();
    line->selectAll();
    QTest::keyClicks(line, "0.25");
    QTest::keyClick(line, Qt::Key_Return);
    QVERIFY(value(kRate) == nn::ParamValue(0.25));
}

void ObjectEditorTest::helpTellsAboutTheClassAndItsArguments() {
    QSignalSpy help(m_form.get(), &ParamForm::helpChanged);
    const auto last = [&help] {
        return help.isEmpty() ? QString() : help.last().first().toString();
    };
    choose("kernel_initializer", "constant");
    const auto enter = [](QWidget* widget) {
        QFocusEvent event(QEvent::FocusIn, Qt::TabFocusReason);
        QCoreApplication::sendEvent(widget, &event);
    };
    enter(editor("kernel_initializer")->choice());
    QVERIFY2(last().contains("Every number is the value given"), qPrintable(last()));
    enter(editor("kernel_initializer")->form()->field("value"));
    QVERIFY2(last().contains("What every number is"), qPrintable(last()));
}

QTEST_MAIN(ObjectEditorTest)
#include "tst_object_editor.moc"
