#include "widgets/params/param_form.h"

#include "nn/model/registry.h"
#include "widgets/params/spin_field.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

// g++ 12 takes members of a temporary std::variant for uninitialized when it is compared.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

using namespace widgets;

class ParamFormTest : public QObject {
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void everyLayerHasAForm();
    void settingValuesEmitsNothing();
    void typingIsPreviewedAndCommittedOnce();
    void invalidTextIsNeverEmittedAndExplained();
    void leavingWithInvalidTextGoesBack();
    void escapeCancelsThePreview();
    void spinningIsOneCommit();
    void realValuesStepByMagnitude();
    void oneNumberIsASquareSize();
    void pairUnlinksTheSize();
    void linkMakesTheSizeSquare();
    void choiceAndCheckBoxCommitAtOnce();
    void severalObjectsShowWhatDiffers();
    void resetGoesBackToTheDefault();
    void noneIsTyped();
    void rowsAreHiddenWhenNotNeeded();
    void problemsFromElsewhereAreShown();
    void everyFieldHasANameForScreenReaders();

private:
    template <typename T>
    T* field(const char* name) const {
        return qobject_cast<T*>(m_form->field(QString::fromLatin1(name)));
    }
    [[nodiscard]] static nn::ParamValue valueOf(const QList<QVariant>& signal) {
        return signal.at(1).value<nn::ParamValue>();
    }
    void type(const char* name, const char* text) const;

    std::unique_ptr<ParamForm> m_form;
    std::unique_ptr<QSignalSpy> m_previews;
    std::unique_ptr<QSignalSpy> m_commits;
    std::unique_ptr<QSignalSpy> m_cancels;
};

void ParamFormTest::init() {
    m_form = std::make_unique<ParamForm>();
    m_form->setSpecs(nn::findLayerDef("Conv2D")->params);
    m_form->setValues({nn::ParamMap{}});
    m_previews = std::make_unique<QSignalSpy>(m_form.get(), &ParamForm::valuePreviewed);
    m_commits = std::make_unique<QSignalSpy>(m_form.get(), &ParamForm::valueCommitted);
    m_cancels = std::make_unique<QSignalSpy>(m_form.get(), &ParamForm::previewCancelled);
    m_form->show();
    QVERIFY(QTest::qWaitForWindowActive(m_form.get()));
}

void ParamFormTest::cleanup() {
    m_cancels.reset();
    m_commits.reset();
    m_previews.reset();
    m_form.reset();
}

void ParamFormTest::type(const char* name, const char* text) const {
    QWidget* widget = m_form->field(QString::fromLatin1(name));
    widget->setFocus();
    auto* line = widget->findChild<QLineEdit*>();
    line = line == nullptr ? qobject_cast<QLineEdit*>(widget) : line;
    line->selectAll();
    QTest::keyClicks(line, QString::fromUtf8(text));
}

void ParamFormTest::everyLayerHasAForm() {
    for (const nn::LayerDef& def : nn::layerDefs()) {
        m_form->setSpecs(def.params);
        m_form->setValues({def.exampleParams});
        for (const nn::ParamSpec& spec : def.params) {
            QVERIFY2(m_form->field(QString::fromStdString(spec.name)) != nullptr,
                     spec.name.c_str());
        }
    }
    QCOMPARE(m_commits->count(), 0);
    QCOMPARE(m_previews->count(), 0);
}

void ParamFormTest::settingValuesEmitsNothing() {
    m_form->setValues({{{"filters", std::int64_t{7}}, {"padding", std::string("same")}}});
    QCOMPARE(field<SpinField>("filters")->text(), QStringLiteral("7"));
    QCOMPARE(field<QComboBox>("padding")->currentText(), QStringLiteral("same"));
    QCOMPARE(m_commits->count() + m_previews->count(), 0);
}

void ParamFormTest::typingIsPreviewedAndCommittedOnce() {
    type("filters", "64");
    QCOMPARE(m_previews->count(), 2); // 6, then 64
    QCOMPARE(m_commits->count(), 0);
    QTest::keyClick(field<SpinField>("filters"), Qt::Key_Return);
    QCOMPARE(m_commits->count(), 1);
    QCOMPARE(m_commits->first().first().toString(), QStringLiteral("filters"));
    QVERIFY(valueOf(m_commits->first()) == nn::ParamValue{std::int64_t{64}});
    m_form->field("groups")->setFocus();
    QCOMPARE(m_commits->count(), 1);
}

void ParamFormTest::invalidTextIsNeverEmittedAndExplained() {
    for (const char* text : {"0", "abc", "1.5", "-3", "99999999999999999999"}) {
        m_form->setValues({nn::ParamMap{}});
        m_form->field("groups")->setFocus();
        m_previews->clear();
        type("filters", text);
        for (const QList<QVariant>& preview : *m_previews) {
            const nn::ParamValue value = valueOf(preview);
            const auto* number = std::get_if<std::int64_t>(&value);
            QVERIFY(number != nullptr && *number >= 1);
        }
        QVERIFY2(m_form->message("filters").contains("filters"), text);
    }
    QCOMPARE(m_commits->count(), 0);
}

void ParamFormTest::leavingWithInvalidTextGoesBack() {
    type("filters", "x");
    QVERIFY(!m_form->message("filters").isEmpty());
    m_form->field("groups")->setFocus();
    QCOMPARE(field<SpinField>("filters")->text(), QStringLiteral("32"));
    QCOMPARE(m_form->message("filters"), QString());
    QCOMPARE(m_commits->count(), 0);
}

void ParamFormTest::escapeCancelsThePreview() {
    type("filters", "64");
    QTest::keyClick(field<SpinField>("filters"), Qt::Key_Escape);
    QCOMPARE(m_cancels->count(), 1);
    QCOMPARE(m_commits->count(), 0);
    QCOMPARE(field<SpinField>("filters")->text(), QStringLiteral("32"));
}

void ParamFormTest::spinningIsOneCommit() {
    m_form->field("filters")->setFocus();
    for (int i = 0; i < 5; ++i) {
        QTest::keyClick(field<SpinField>("filters"), Qt::Key_Up);
    }
    QCOMPARE(m_previews->count(), 5);
    QCOMPARE(m_commits->count(), 0);
    QTRY_COMPARE(m_commits->count(), 1);
    QVERIFY(valueOf(m_commits->first()) == nn::ParamValue{std::int64_t{37}});
}

void ParamFormTest::realValuesStepByMagnitude() {
    nn::ParamSpec spec;
    spec.name = "learning_rate";
    spec.kind = nn::ParamKind::Real;
    spec.defaultValue = 0.001;
    spec.min = 0.0;
    m_form->setSpecs({spec});
    m_form->setValues({nn::ParamMap{}});
    auto* rate = field<SpinField>("learning_rate");
    rate->setFocus();
    QStringList seen;
    for (int i = 0; i < 4; ++i) {
        QTest::keyClick(rate, Qt::Key_Up);
        seen << rate->text();
    }
    QCOMPARE(seen, (QStringList{"0.002", "0.005", "0.01", "0.02"}));
    for (int i = 0; i < 6; ++i) {
        QTest::keyClick(rate, Qt::Key_Down);
    }
    QCOMPARE(rate->text(), QStringLiteral("0.0002"));
    type("learning_rate", "1e-4");
    QTest::keyClick(rate, Qt::Key_Return);
    QVERIFY(valueOf(m_commits->last()) == nn::ParamValue{1e-4});
}

void ParamFormTest::oneNumberIsASquareSize() {
    type("kernel_size", "5");
    QTest::keyClick(field<SpinField>("kernel_size"), Qt::Key_Return);
    QVERIFY(valueOf(m_commits->last()) == (nn::ParamValue{nn::Size2{5, 5}}));
}

void ParamFormTest::pairUnlinksTheSize() {
    type("kernel_size", "3, 5");
    QTest::keyClick(field<SpinField>("kernel_size"), Qt::Key_Return);
    QVERIFY(valueOf(m_commits->last()) == (nn::ParamValue{nn::Size2{3, 5}}));
    m_form->setValues({{{"kernel_size", nn::Size2{3, 5}}}});
    auto* width = m_form->findChild<SpinField*>("kernel_size-width");
    QVERIFY(width->isVisible());
    QCOMPARE(field<SpinField>("kernel_size")->text(), QStringLiteral("3"));
    QCOMPARE(width->text(), QStringLiteral("5"));
}

void ParamFormTest::linkMakesTheSizeSquare() {
    m_form->setValues({{{"kernel_size", nn::Size2{3, 5}}}});
    auto* link = field<SpinField>("kernel_size")->parentWidget()->findChild<QToolButton*>();
    QVERIFY(!link->isChecked());
    link->click();
    QVERIFY(valueOf(m_commits->last()) == (nn::ParamValue{nn::Size2{3, 3}}));
}

void ParamFormTest::choiceAndCheckBoxCommitAtOnce() {
    field<QCheckBox>("use_bias")->click();
    QVERIFY(valueOf(m_commits->last()) == nn::ParamValue{false});
    auto* padding = field<QComboBox>("padding");
    padding->setFocus();
    QTest::keyClick(padding, Qt::Key_Down);
    QVERIFY(valueOf(m_commits->last()) == nn::ParamValue{std::string("same")});
    QCOMPARE(m_commits->count(), 2);
}

void ParamFormTest::severalObjectsShowWhatDiffers() {
    m_form->setValues({{{"filters", std::int64_t{8}}}, {{"use_bias", false}}});
    QCOMPARE(field<SpinField>("filters")->text(), QString());
    QCOMPARE(field<SpinField>("filters")->findChild<QLineEdit*>()->placeholderText(),
             QStringLiteral("—"));
    QCOMPARE(field<QCheckBox>("use_bias")->checkState(), Qt::PartiallyChecked);
    QCOMPARE(field<SpinField>("kernel_size")->text(), QStringLiteral("3"));
    type("filters", "16");
    QTest::keyClick(field<SpinField>("filters"), Qt::Key_Return);
    QVERIFY(valueOf(m_commits->last()) == nn::ParamValue{std::int64_t{16}});
}

void ParamFormTest::resetGoesBackToTheDefault() {
    QVERIFY(!m_form->resetButton("filters")->isVisible());
    m_form->setValues({{{"filters", std::int64_t{8}}}});
    QVERIFY(m_form->resetButton("filters")->isVisible());
    m_form->resetButton("filters")->click();
    QVERIFY(valueOf(m_commits->last()) == nn::ParamValue{std::int64_t{32}});
}

void ParamFormTest::noneIsTyped() {
    m_form->setSpecs(nn::findLayerDef("MaxPooling2D")->params);
    m_form->setValues({{{"strides", nn::Size2{1, 1}}}});
    type("strides", "None");
    QTest::keyClick(field<SpinField>("strides"), Qt::Key_Return);
    QVERIFY(valueOf(m_commits->last()) == nn::ParamValue{nn::None{}});
}

void ParamFormTest::rowsAreHiddenWhenNotNeeded() {
    nn::ParamSpec momentum;
    momentum.name = "momentum";
    momentum.kind = nn::ParamKind::Real;
    momentum.defaultValue = 0.0;
    nn::ParamSpec nesterov;
    nesterov.name = "nesterov";
    nesterov.kind = nn::ParamKind::Bool;
    nesterov.defaultValue = false;
    nesterov.shownWhenParam = "momentum";
    nesterov.shownWhenNot = 0.0;
    m_form->setSpecs({momentum, nesterov});
    m_form->setValues({nn::ParamMap{}});
    QVERIFY(!m_form->isShown("nesterov"));
    QVERIFY(!m_form->field("nesterov")->isVisible());
    m_form->setValues({{{"momentum", 0.9}}});
    QVERIFY(m_form->field("nesterov")->isVisible());
}

void ParamFormTest::problemsFromElsewhereAreShown() {
    m_form->setProblems({{"kernel_size", "Too large."}});
    QCOMPARE(m_form->message("kernel_size"), QStringLiteral("Too large."));
    m_form->setProblems({});
    QCOMPARE(m_form->message("kernel_size"), QString());
}

void ParamFormTest::everyFieldHasANameForScreenReaders() {
    for (const QWidget* child : m_form->findChildren<QWidget*>()) {
        const bool isInner = qobject_cast<SpinField*>(child->parentWidget()) != nullptr ||
                             qobject_cast<QComboBox*>(child->parentWidget()) != nullptr;
        if (child->isVisible() && child->focusPolicy() != Qt::NoFocus && !isInner) {
            QVERIFY2(!child->accessibleName().isEmpty(), child->metaObject()->className());
        }
    }
}

QTEST_MAIN(ParamFormTest)
#include "tst_param_form.moc"
