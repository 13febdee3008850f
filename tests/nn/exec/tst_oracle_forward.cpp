#include "nn/exec/executor.h"
#include "nn/io/keras_json.h"
#include "tests/support/instruction_set.h"
#include "tests/support/oracle.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <set>

using namespace nn;
using namespace tests;

namespace {

/// A Keras model, rebuilt, with Keras' weights and inputs.
struct Model {
    std::shared_ptr<const Network> network;
    Weights weights;
    std::vector<Tensor> inputs;
    /// For each variable, its number NNN in the file's wNNN.
    std::vector<std::string> numbers;
    std::int64_t batch = 0;

    [[nodiscard]] std::vector<std::span<const float>> inputSpans() const {
        std::vector<std::span<const float>> spans;
        for (const Tensor& input : inputs) {
            spans.push_back(input.values());
        }
        return spans;
    }
};

/// Largest difference in units of what is allowed: 1e-5 of the value plus 1e-6.
double excess(std::span<const float> actual, const NpyArray& expected) {
    if (actual.size() != expected.values.size()) {
        return std::numeric_limits<double>::infinity();
    }
    double worst = 0.0;
    for (std::size_t i = 0; i < actual.size(); ++i) {
        const double difference = std::abs(static_cast<double>(actual[i]) - expected.values[i]);
        worst = std::max(worst, std::isnan(difference)
                                    ? std::numeric_limits<double>::infinity()
                                    : difference / (1e-6 + 1e-5 * std::abs(expected.values[i])));
    }
    return worst;
}

std::optional<std::string> difference(std::string_view what, std::span<const float> actual,
                                      const NpyArray& expected) {
    const double worst = excess(actual, expected);
    if (worst <= 1.0) {
        return std::nullopt;
    }
    return std::string(what) + " differs by " + std::to_string(worst) + " times the tolerance";
}

/// Puts the file's wNNN into the variables with the same layer and name; the layers of a model
/// inside the model have its name in front.
std::size_t readLayers(Model& model, const io::Json& layers, const Npz& arrays,
                       const std::string& path) {
    std::size_t found = 0;
    for (const io::Json& layer : layers) {
        const std::string name = path + layer.at("name").get<std::string>();
        found += readLayers(model, layer.value("layers", io::Json::array()), arrays, name + "/");
        for (const io::Json& weight : layer.value("weights", io::Json::array())) {
            const auto key = weight.at("key").get<std::string>();
            for (std::size_t i = 0; i < model.numbers.size(); ++i) {
                const Variable& variable = model.weights.variables[i];
                const NpyArray& values = arrays.at(key);
                if (variable.layer == name && variable.spec.name == weight.at("name") &&
                    variable.spec.shape == values.shape) {
                    model.weights.tensors[i] = values.tensor();
                    model.numbers[i] = key.substr(1);
                    ++found;
                }
            }
        }
    }
    return found;
}

/// All weights have their place, and the order is that of `model.weights`.
bool readWeights(Model& model, const io::Json& description, const Npz& arrays) {
    model.weights = initialWeights(model.network->variables(), 1);
    model.numbers.resize(model.weights.tensors.size());
    const std::size_t found = readLayers(model, description.at("layers"), arrays, {});
    return found == model.numbers.size() && found == description.at("weights").size() &&
           std::ranges::is_sorted(model.numbers);
}

bool readInputs(Model& model, const io::Json& description, const Npz& arrays) {
    for (const std::size_t input : model.network->inputs()) {
        for (std::size_t i = 0; i < description.at("inputs").size(); ++i) {
            if (description.at("inputs")[i].at("layer") == model.network->layers()[input].name) {
                const auto key = description.at("x_keys")[i].get<std::string>();
                model.inputs.push_back(arrays.at(key).tensor());
            }
        }
    }
    model.batch = model.inputs.empty() ? 0 : model.inputs[0].shape()[0];
    return model.inputs.size() == model.network->inputs().size();
}

/// Compares all activations in the file (outputs and inner layers) with those of the executor.
Outcome checkPrediction(const Model& model, const io::Json& description, const Npz& arrays) {
    Parallel parallel(2);
    Executor executor(model.network, {.batchCapacity = model.batch, .mode = RunMode::Inspection},
                      parallel);
    executor.forward(model.inputSpans(), model.batch, model.weights);
    std::vector<std::pair<std::string, std::string>> wanted; // Layer, key.
    for (std::size_t i = 0; i < description.at("outputs").size(); ++i) {
        wanted.emplace_back(description.at("outputs")[i].at("layer"), description.at("y_keys")[i]);
    }
    for (const io::Json& act : description.value("acts", io::Json::array())) {
        wanted.emplace_back(act.at("layer"), act.at("key"));
    }
    for (const auto& [layer, key] : wanted) {
        const auto index = model.network->indexOf(std::string_view(layer));
        if (!index) {
            return failed("the network has no layer " + layer);
        }
        if (const auto wrong = difference(layer, executor.activation(*index), arrays.at(key))) {
            return failed(*wrong);
        }
    }
    return passed();
}

/// One call with training=True and the weights after it, where the file has them.
Outcome checkTrainingCall(const Model& model, const Npz& arrays) {
    const auto expected = arrays.find("y_training");
    if (expected == arrays.end()) {
        return passed();
    }
    Parallel parallel(2);
    Executor executor(model.network, {.batchCapacity = model.batch, .mode = RunMode::Training},
                      parallel);
    Weights weights = model.weights;
    executor.forwardTraining(model.inputSpans(), model.batch, weights, {});
    if (const auto wrong = difference("y_training", executor.output(), expected->second)) {
        return failed(*wrong);
    }
    for (std::size_t i = 0; i < weights.tensors.size(); ++i) {
        const NpyArray& after = arrays.at("wt" + model.numbers[i]);
        if (const auto wrong = difference(weights.variables[i].spec.name + " after training",
                                          weights.tensors[i].values(), after)) {
            return failed(*wrong);
        }
    }
    return passed();
}

Outcome checkCase(const OracleCase& each) {
    const Expected<io::KerasModel> model = io::modelFromKeras(each.description.at("model_json"));
    if (!model) {
        return refusal(model.error());
    }
    const auto network = Network::compile(model->graph);
    if (!network) {
        return failed(network.error().message);
    }
    const Expected<Npz> arrays = each.arrays();
    if (!arrays) {
        return failed(arrays.error().message);
    }
    Model rebuilt{.network = *network, .weights = {}, .inputs = {}, .numbers = {}};
    if (!readWeights(rebuilt, each.description, *arrays)) {
        return failed("its weights do not fit the network");
    }
    if (!readInputs(rebuilt, each.description, *arrays)) {
        return failed("its inputs do not fit the network");
    }
    const Outcome prediction = checkPrediction(rebuilt, each.description, *arrays);
    return prediction.kind == Outcome::Kind::Passed ? checkTrainingCall(rebuilt, *arrays)
                                                    : prediction;
}

} // namespace

/// What Keras computed, computed here.
class TestOracleForward : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void computesWhatKerasComputes();
};

void TestOracleForward::initTestCase() {
    if (const std::string missing = tests::missingInstructionSet(); !missing.empty()) {
        QSKIP(missing.c_str());
    }
}

void TestOracleForward::computesWhatKerasComputes() {
    const OracleCounts counts = runOracle("forward", checkCase);
    QCOMPARE(counts.failed, 0);
    QVERIFY(counts.passed > 0);
}

QTEST_APPLESS_MAIN(TestOracleForward)
#include "tst_oracle_forward.moc"
