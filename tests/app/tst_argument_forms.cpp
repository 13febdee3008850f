#include "nn/model/object_def.h"
#include "nn/model/registry.h"
#include "nn/train/loss.h"
#include "nn/train/optimizer.h"

#include "widgets/params/param_form.h"
#include "widgets/theme.h"

#include <QApplication>
#include <QLabel>
#include <QTest>
#include <cmath>
#include <set>

namespace {

/// What a panel leaves for a form: the narrowest it opens with.
constexpr int kNarrow = 500;

struct Definition {
    QString name;
    std::vector<nn::ParamSpec> params;
};

void addFamilies(std::vector<Definition>& all, const std::vector<nn::ParamSpec>& params,
                 std::set<const nn::ObjectFamily*>& seen) {
    for (const nn::ParamSpec& spec : params) {
        if (spec.family == nullptr || !seen.insert(spec.family).second) {
            continue;
        }
        for (const nn::ObjectDef& def : spec.family->defs()) {
            all.push_back({QString::fromStdString(def.type), def.params});
            addFamilies(all, def.params, seen);
        }
    }
}

/// Layers, optimizers, losses, and every object that one of their arguments accepts.
std::vector<Definition> definitions() {
    std::vector<Definition> all;
    for (const nn::LayerDef& def : nn::layerDefs()) {
        all.push_back({QString::fromStdString(def.type), def.params});
    }
    for (const nn::OptimizerDef& def : nn::optimizerDefs()) {
        all.push_back({QString::fromStdString(def.name), def.params});
    }
    for (const nn::LossDef& def : nn::lossDefs()) {
        all.push_back({QString::fromStdString(def.name), def.params});
    }
    std::set<const nn::ObjectFamily*> seen;
    for (std::size_t i = 0, count = all.size(); i < count; ++i) {
        addFamilies(all, std::vector<nn::ParamSpec>(all[i].params), seen);
    }
    return all;
}

bool isNumeric(const nn::ParamSpec& spec) {
    return spec.kind == nn::ParamKind::Integer || spec.kind == nn::ParamKind::Real;
}

} // namespace

/// Every argument of every definition, as its form shows it.
class ArgumentFormsTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { widgets::applyTheme(*qApp, widgets::Theme::light()); }

    void everyFieldHasHelp() {
        for (const Definition& definition : definitions()) {
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

    void nothingIsCutOffInANarrowPanel() {
        for (const Definition& definition : definitions()) {
            if (definition.params.empty()) {
                continue;
            }
            widgets::ParamForm form;
            form.setSpecs(definition.params);
            form.setValues({{}});
            form.resize(kNarrow, form.sizeHint().height());
            form.show();
            QVERIFY2(form.minimumSizeHint().width() <= kNarrow,
                     qPrintable(QStringLiteral("%1: %2")
                                    .arg(definition.name)
                                    .arg(form.minimumSizeHint().width())));
            for (const QLabel* label : form.findChildren<QLabel*>()) {
                const bool isCut = label->isVisible() && !label->wordWrap() &&
                                   label->width() < label->sizeHint().width();
                QVERIFY2(!isCut, qPrintable(definition.name + ": " + label->text()));
            }
            for (const nn::ParamSpec& spec : definition.params) {
                const QWidget* field = form.field(QString::fromStdString(spec.name));
                const bool isCut =
                    field->isVisible() && field->width() < field->minimumSizeHint().width();
                QVERIFY2(!isCut, qPrintable(definition.name + ": " + field->objectName()));
            }
        }
    }

    void noFieldAcceptsNonsense() {
        for (const Definition& definition : definitions()) {
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

    void defaultsAreAccepted() {
        for (const Definition& definition : definitions()) {
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
