#include "nn/train/forecast.h"

#include "nn/base/text.h"
#include "nn/exec/memory_plan.h"
#include "nn/train/optimizer.h"
#include "nn/train/train_step.h"

#include <algorithm>
#include <limits>

namespace nn {
namespace {

constexpr double kTooLarge = 0.8;
constexpr double kTight = 0.6;
constexpr std::int64_t kFloatBytes = sizeof(float);

std::int64_t saturatedSum(std::int64_t a, std::int64_t b) {
    std::int64_t sum = 0;
    return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<std::int64_t>::max() : sum;
}

std::int64_t floatBytes(std::int64_t floats) {
    return checkedProduct(floats, kFloatBytes).value_or(std::numeric_limits<std::int64_t>::max());
}

std::string remedies(const MemoryForecast& forecast) {
    std::vector<std::string> ways;
    if (forecast.batchSize > 1) {
        ways.emplace_back("a smaller batch size");
    }
    if (forecast.needs.size() > 2 && forecast.needs[2].bytes > 0) {
        ways.emplace_back("SGD without momentum, which keeps no state");
    }
    if (forecast.largestLayerParams * 2 * kFloatBytes > forecast.totalBytes / 4) {
        ways.push_back("fewer weights in \"" + forecast.largestLayer + "\" (" +
                       countText(static_cast<double>(forecast.largestLayerParams)) +
                       "): pooling before it, or GlobalAveragePooling2D in place of Flatten");
    }
    return ways.empty() ? "A smaller network would fit." : "What helps: " + join(ways, "; ") + ".";
}

} // namespace

Expected<MemoryForecast> forecastTraining(const Graph& graph, const Inference& inference,
                                          const TrainSettings& settings) {
    const OptimizerDef* optimizer = findOptimizerDef(settings.optimizer);
    const Expected<const LossDef*> loss = chosenLoss(settings, inference);
    if (!loss) {
        return tl::unexpected(loss.error());
    }
    const Expected<std::shared_ptr<const Network>> network = Network::compile(graph, inference);
    if (!network) {
        return tl::unexpected(network.error());
    }
    MemoryForecast forecast;
    forecast.batchSize = settings.batchSize;
    std::int64_t floats = 0;
    std::int64_t trainable = 0;
    for (const Variable& variable : (*network)->variables()) {
        const std::int64_t count =
            variable.spec.shape.elements().value_or(std::numeric_limits<std::int64_t>::max() / 8);
        floats = saturatedSum(floats, count);
        trainable = saturatedSum(trainable, variable.trainable ? count : 0);
        if (count > forecast.largestLayerParams) {
            forecast.largestLayerParams = count;
            forecast.largestLayer = variable.layer;
        }
    }
    const std::unique_ptr<const Loss> lossObject = (*loss)->make(settings.lossParams);
    const std::int64_t planned =
        plannedBytes(**network, {.batchCapacity = settings.batchSize,
                                 .mode = RunMode::Training,
                                 .output = outputFormFor(**network, *lossObject)});
    const std::int64_t gradients = floatBytes(trainable);
    const std::int64_t stateFloats =
        optimizer == nullptr
            ? 0
            : optimizerStateFloats(*optimizer, settings.optimizerParams, (*network)->variables());
    forecast.needs = {
        {"weights", floatBytes(floats)},
        {"gradients", gradients},
        {"state of " + settings.optimizer, floatBytes(stateFloats)},
        {"activations of a batch of " + withThousands(settings.batchSize) + " and their gradients",
         std::max<std::int64_t>(planned - gradients, 0)}};
    for (const MemoryNeed& need : forecast.needs) {
        forecast.totalBytes = saturatedSum(forecast.totalBytes, need.bytes);
    }
    return forecast;
}

MemoryVerdict memoryVerdict(const MemoryForecast& forecast, const MachineMemory& machine) {
    const auto needed = static_cast<double>(forecast.totalBytes);
    const auto available = static_cast<double>(machine.availableBytes);
    if (needed > kTooLarge * available) {
        return MemoryVerdict::TooLarge;
    }
    return needed > kTight * available ? MemoryVerdict::Tight : MemoryVerdict::Fits;
}

Expected<void> checkMemory(const MemoryForecast& forecast, const MachineMemory& machine) {
    if (memoryVerdict(forecast, machine) != MemoryVerdict::TooLarge) {
        return {};
    }
    std::string message = "Training needs " + byteText(forecast.totalBytes) + " of memory, but " +
                          machine.limit + " leaves " + byteText(machine.availableBytes) +
                          ", of which at most 80 % may be used:\n";
    for (const MemoryNeed& need : forecast.needs) {
        const std::string size = byteText(need.bytes);
        message += "  " + std::string(size.size() < 12 ? 12 - size.size() : 0, ' ') + size + "  " +
                   need.what + "\n";
    }
    return failure(ErrorCode::TooLarge, message + remedies(forecast));
}

} // namespace nn
