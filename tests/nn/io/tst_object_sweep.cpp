#include "nn/exec/constraints.h"
#include "nn/exec/initializers.h"
#include "nn/exec/regularizers.h"
#include "nn/io/json.h"
#include "nn/train/callback.h"
#include "nn/train/loss.h"
#include "nn/train/metric.h"
#include "nn/train/optimizer.h"
#include "nn/train/schedule.h"
#include "tests/support/other_values.h"

#include <QTest>
#include <set>

using namespace nn;

namespace {

const std::vector<const ObjectFamily*>& families() {
    static const std::vector<const ObjectFamily*> all{
        &kInitializers,  &kRegularizers, &kConstraints,    &scheduleFamily(),
        &metricFamily(), &lossFamily(),  &callbackFamily()};
    return all;
}

/// A class of a family, or an optimizer, under one name for rows of tests.
struct Kind {
    const ObjectFamily* family = nullptr; ///< nullptr: an optimizer.
    std::string type = {};
    std::string help = {};
    std::vector<ParamSpec> params = {};
};

const std::vector<Kind>& kinds() {
    static const std::vector<Kind> all = [] {
        std::vector<Kind> found;
        for (const ObjectFamily* family : families()) {
            for (const ObjectDef& def : family->defs()) {
                found.push_back({family, def.type, def.help, def.params});
            }
        }
        for (const OptimizerDef& def : optimizerDefs()) {
            found.push_back({nullptr, def.name, def.help, def.params});
        }
        return found;
    }();
    return all;
}

void addRows() {
    QTest::addColumn<int>("index");
    int index = 0;
    for (const Kind& kind : kinds()) {
        const std::string family =
            kind.family == nullptr ? "optimizer" : std::string(kind.family->name);
        QTest::newRow((family + " " + kind.type).c_str()) << index++;
    }
}

} // namespace

/// What must hold for every initializer, regularizer, constraint, schedule, metric, loss, callback
/// and optimizer, whatever it is.
class TestObjectSweep : public QObject {
    Q_OBJECT

private slots:
    void definitionIsComplete_data() { addRows(); }
    void definitionIsComplete() {
        QFETCH(int, index);
        const Kind& kind = kinds()[static_cast<std::size_t>(index)];
        QVERIFY(kind.help.size() > 20 && kind.help.ends_with('.'));
        std::set<std::string> names;
        for (const ParamSpec& spec : kind.params) {
            QVERIFY2(names.insert(spec.name).second, spec.name.c_str());
            QVERIFY2(spec.help.size() > 10 && spec.help.ends_with('.'), spec.name.c_str());
            QVERIFY2(checkedValue(spec, spec.defaultValue).has_value(), spec.name.c_str());
            QVERIFY2(spec.optional || !std::holds_alternative<None>(spec.defaultValue),
                     spec.name.c_str());
        }
    }

    void argumentsRoundTrip_data() { addRows(); }
    void argumentsRoundTrip() {
        QFETCH(int, index);
        const Kind& kind = kinds()[static_cast<std::size_t>(index)];
        for (const ParamSpec& spec : kind.params) {
            if (spec.choices.size() == 1) {
                continue; // Keras allows one value only: there is no other.
            }
            const ParamValue other = tests::otherValue(spec);
            QVERIFY2(checkedValue(spec, other) == other, spec.name.c_str());
            for (const ParamValue& value : {other, spec.defaultValue}) {
                const auto typed = parsedValue(spec, pythonText(value));
                QVERIFY2(typed == checkedValue(spec, value),
                         (spec.name + " = " + pythonText(value)).c_str());
            }
            const ParamMap params{{spec.name, other}};
            const io::Json json = io::Json::parse(io::toJson(params, kind.params).dump());
            const auto read = io::paramsFromJson(kind.params, json);
            QVERIFY2(read.has_value(), spec.name.c_str());
            QVERIFY2(paramValue(*read, spec) == other, spec.name.c_str());
        }
    }

    void refusesWrongArgumentsByName_data() { addRows(); }
    void refusesWrongArgumentsByName() {
        QFETCH(int, index);
        const Kind& kind = kinds()[static_cast<std::size_t>(index)];
        for (const ParamSpec& spec : kind.params) {
            for (const ParamValue& value : tests::wrongValues(spec)) {
                const auto checked = checkedValue(spec, value);
                const std::string what = spec.name + " = " + pythonText(value);
                QVERIFY2(!checked.has_value(), what.c_str());
                QVERIFY2(checked.error().message.find(spec.name) != std::string::npos,
                         checked.error().message.c_str());
            }
        }
    }

    void objectsAreReadAsTheyAreWritten() {
        for (const Kind& kind : kinds()) {
            if (kind.family != nullptr) {
                const ParamObject plain = defaultObject(*findObjectDef(*kind.family, kind.type));
                const auto read = parsedObject(*kind.family, pythonText(ParamValue(plain)));
                QVERIFY2(read == checkedObject(*kind.family, plain), kind.type.c_str());
            }
        }
    }
};

QTEST_APPLESS_MAIN(TestObjectSweep)
#include "tst_object_sweep.moc"
