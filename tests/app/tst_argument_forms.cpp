#include "app/help/definitions.h"

#include "widgets/params/param_form.h"
#include "widgets/theme.h"

#include <QApplication>
#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>
#include <cmath>
#include <set>

namespace {

/// What panels 320 and 260 wide leave for a form, in an entry of a list the least.
constexpr int kWide = 284;
constexpr int kNarrow = 224;
constexpr int kNarrowEntry = 212;

bool isNumeric(const nn::ParamSpec& spec) {
    return spec.kind == nn::ParamKind::Integer || spec.kind == nn::ParamKind::Real;
}

/// Every text as wide and high as it must be, inside the form, and no two on top of each other.
void checkNothingIsCut(const widgets::ParamForm& form, const QString& name) {
    std::vector<QRect> taken;
    for (const QWidget* part : form.findChildren<QWidget*>()) {
        const bool isText = qobject_cast<const QLabel*>(part) != nullptr;
        const bool isField = part->focusPolicy() != Qt::NoFocus && !part->objectName().isEmpty() &&
                             !part->objectName().startsWith(u"qt_");
        if (!part->isVisible() || !(isText || isField)) {
            continue;
        }
        const QString where = name + ": " + part->objectName() + part->accessibleName();
        const QRect place(part->mapTo(&form, QPoint()), part->size());
        const QRect inside = form.rect().adjusted(-4, -4, 4, 4); // buttons reach a little beyond
        QVERIFY2(inside.contains(place), qPrintable(where + " is outside"));
        const int least = isText ? 1 : part->minimumSizeHint().width();
        QVERIFY2(part->width() >= least, qPrintable(where + " is too narrow"));
        if (qobject_cast<const QToolButton*>(part) != nullptr) {
            taken.push_back(place); // pictures only: they need no line of text
            continue;
        }
        const int high = part->hasHeightForWidth() ? part->heightForWidth(part->width())
                                                   : part->minimumSizeHint().height();
        QVERIFY2(part->height() >= high, qPrintable(where + " is too low"));
        for (const QRect& other : taken) {
            QVERIFY2(!other.adjusted(4, 4, -4, -4).intersects(place),
                     qPrintable(where + " covers another part"));
        }
        taken.push_back(place);
    }
}

} // namespace

/// Every argument of every definition, as its form shows it.
class ArgumentFormsTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { widgets::applyTheme(*qApp, widgets::Theme::light()); }

    void everyFieldHasHelp() {
        for (const app::Definition& definition : app::everyDefinition()) {
            widgets::ParamForm form;
            form.setSpecs(definition.params);
            for (const nn::ParamSpec& spec : definition.params) {
                const QString where = definition.name + u'.' + QString::fromStdString(spec.name);
                QVERIFY2(!spec.help.empty(), qPrintable(where));
                const QWidget* field = form.field(QString::fromStdString(spec.name));
                QVERIFY2(field != nullptr, qPrintable(where));
                QVERIFY2(!field->toolTip().isEmpty(), qPrintable(where));
                QVERIFY2(!field->accessibleName().isEmpty(), qPrintable(where));
            }
        }
    }

    void nothingIsCutOffInANarrowPanel_data() {
        QTest::addColumn<int>("width");
        QTest::newRow("as the window opens") << kWide;
        QTest::newRow("panel of 260") << kNarrow;
        QTest::newRow("entry in a panel of 260") << kNarrowEntry;
    }

    void nothingIsCutOffInANarrowPanel() {
        QFETCH(int, width);
        for (const app::Definition& definition : app::everyDefinition()) {
            for (const nn::ParamMap& values :
                 {nn::ParamMap{}, app::withObjects(definition.params)}) {
                widgets::ParamForm form;
                form.setSpecs(definition.params);
                form.setValues({values});
                const QByteArray least =
                    (definition.name + QStringLiteral(": %1").arg(form.minimumSizeHint().width()))
                        .toUtf8();
                QVERIFY2(form.minimumSizeHint().width() <= width, least);
                form.resize(width, form.heightForWidth(width));
                form.show();
                checkNothingIsCut(form, definition.name);
            }
        }
    }

    void noFieldAcceptsNonsense() {
        for (const app::Definition& definition : app::everyDefinition()) {
            for (const nn::ParamSpec& spec : definition.params) {
                const QByteArray where =
                    (definition.name + u'.' + QString::fromStdString(spec.name)).toUtf8();
                if (spec.kind != nn::ParamKind::Text) {
                    QVERIFY2(!nn::parsedValue(spec, "no such thing!"), where);
                }
                if (!spec.optional && spec.kind != nn::ParamKind::Text) {
                    QVERIFY2(!nn::checkedValue(spec, nn::None{}), where);
                }
                if (isNumeric(spec)) {
                    QVERIFY2(!nn::parsedValue(spec, "nan"), where);
                    QVERIFY2(!nn::parsedValue(spec, "inf"), where);
                }
                if (isNumeric(spec) && std::isfinite(spec.min)) {
                    QVERIFY2(
                        !nn::parsedValue(
                            spec, std::to_string(spec.min - std::max(1.0, std::abs(spec.min)))),
                        where);
                }
                if (isNumeric(spec) && std::isfinite(spec.max)) {
                    QVERIFY2(
                        !nn::parsedValue(
                            spec, std::to_string(spec.max + std::max(1.0, std::abs(spec.max)))),
                        where);
                }
            }
        }
    }

    void everyFieldExplainsWhatItRefuses() {
        for (const app::Definition& definition : app::everyDefinition()) {
            widgets::ParamForm form;
            form.setSpecs(definition.params);
            form.setValues({{}});
            QSignalSpy commits(&form, &widgets::ParamForm::valueCommitted);
            for (const nn::ParamSpec& spec : definition.params) {
                if (!isNumeric(spec)) {
                    continue;
                }
                const QString name = QString::fromStdString(spec.name);
                auto* edit = form.field(name)->findChild<QLineEdit*>();
                QVERIFY2(edit != nullptr, qPrintable(definition.name + ": " + name));
                const bool hasEnd = std::isfinite(spec.min) && std::abs(spec.min) < 1e9;
                edit->selectAll();
                QTest::keyClicks(edit, hasEnd ? QString::number(spec.min - 1.0, 'f', 3) : "x");
                QVERIFY2(!form.message(name).isEmpty(), qPrintable(definition.name + ": " + name));
                QTest::keyClick(edit, Qt::Key_Return);
                QVERIFY2(form.message(name).isEmpty(), qPrintable(definition.name + ": " + name));
            }
            QCOMPARE(commits.count(), 0);
        }
    }

    void defaultsAreAccepted() {
        for (const app::Definition& definition : app::everyDefinition()) {
            for (const nn::ParamSpec& spec : definition.params) {
                if (!spec.required) {
                    const auto checked = nn::checkedValue(spec, spec.defaultValue);
                    QVERIFY2(checked.has_value(), qPrintable(definition.name));
                    QVERIFY2(*checked == spec.defaultValue, qPrintable(definition.name));
                }
            }
        }
    }
};

QTEST_MAIN(ArgumentFormsTest)
#include "tst_argument_forms.moc"
