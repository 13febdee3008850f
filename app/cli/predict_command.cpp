#include "app/cli/command.h"
#include "app/cli/console.h"
#include "app/cli/sources.h"
#include "nn/base/text.h"
#include "nn/exec/executor.h"
#include "nn/io/file.h"
#include "nn/io/npy.h"

#include <algorithm>

namespace app::cli {
namespace {

constexpr std::int64_t kBatch = 64;

/// The array as [images][input shape]: a single image or grey images without their channel axis
/// are understood too.
nn::Expected<nn::Tensor> asBatch(const nn::Tensor& array, const nn::Shape& input) {
    std::vector<std::int64_t> extents = array.shape().extents();
    if (extents == input.extents()) {
        return array.reshaped(input.withBatch(1));
    }
    if (input.rank() == 3 && input.back() == 1 && extents.size() == 3) {
        extents.push_back(1);
    }
    const nn::Shape shape(extents);
    if (extents.size() == input.rank() + 1 &&
        std::equal(input.begin(), input.end(), extents.begin() + 1)) {
        return array.reshaped(shape);
    }
    return nn::failure(nn::ErrorCode::InvalidFile, "Expected an array of shape N×" +
                                                       nn::shapeText(input) + ", but received " +
                                                       nn::shapeText(array.shape()) + ".");
}

nn::Tensor predicted(const std::shared_ptr<const nn::Network>& network, const nn::Weights& weights,
                     const nn::Tensor& images) {
    nn::Parallel parallel(0);
    const std::int64_t count = images.shape()[0];
    nn::Executor executor(
        network, {.batchCapacity = std::min(kBatch, std::max<std::int64_t>(count, 1))}, parallel);
    const nn::Shape& output = network->layers()[network->outputs().front()].output;
    nn::Tensor result(output.withBatch(count));
    const auto in = static_cast<std::size_t>(count == 0 ? 0 : images.size() / count);
    const auto out = static_cast<std::size_t>(output.count());
    for (std::int64_t first = 0; first < count; first += kBatch) {
        const auto at = static_cast<std::size_t>(first);
        const std::int64_t size = std::min(kBatch, count - first);
        const auto rows = static_cast<std::size_t>(size);
        const std::span<const float> inputs[] = {images.values().subspan(at * in, rows * in)};
        executor.forward(inputs, size, weights);
        std::ranges::copy(executor.output(), result.values().subspan(at * out, rows * out).begin());
    }
    return result;
}

nn::Expected<nn::Tensor> inputArray(const QString& file, const nn::Shape& input) {
    const nn::Expected<std::string> content = nn::io::fileContent(file.toStdString());
    if (!content) {
        return tl::unexpected(content.error());
    }
    const nn::Expected<nn::Tensor> array = nn::io::tensorFromNpy(*content);
    const nn::Expected<nn::Tensor> images =
        array ? asBatch(*array, input) : tl::unexpected(array.error());
    if (!images) {
        return tl::unexpected(images.error().in(file.toStdString()));
    }
    const auto largest = std::ranges::max_element(images->values());
    if (largest != images->values().end() && *largest > 2.0F) {
        printError("Note: the input goes up to " + nn::numberText(static_cast<double>(*largest)) +
                   ". Receptive trains on pixels from 0 to 1; divide by 255 if these are bytes.");
    }
    return images;
}

nn::Expected<int> run(const QCommandLineParser& parser) {
    if (!parser.isSet(QStringLiteral("input")) || !parser.isSet(QStringLiteral("output"))) {
        return nn::failure(nn::ErrorCode::Usage, "predict needs --input X.npy and --output Y.npy.");
    }
    const nn::Expected<nn::Project> project = openModel(parser.positionalArguments().front());
    if (!project) {
        return tl::unexpected(project.error());
    }
    const nn::Expected<std::shared_ptr<const nn::Network>> network =
        nn::Network::compile(*project->graph);
    if (!network) {
        return tl::unexpected(network.error());
    }
    if ((*network)->inputs().size() != 1 || (*network)->outputs().size() != 1) {
        return nn::failure(nn::ErrorCode::Unsupported,
                           "predict needs a network with one input and one output.");
    }
    const nn::Shape& input = (*network)->layers()[(*network)->inputs().front()].output;
    const nn::Expected<nn::Tensor> images =
        inputArray(parser.value(QStringLiteral("input")), input);
    if (!images) {
        return tl::unexpected(images.error());
    }
    const auto weights = completeWeights(*project);
    if (!weights) {
        return tl::unexpected(weights.error());
    }
    const nn::Tensor result = predicted(*network, **weights, *images);
    const std::string output = parser.value(QStringLiteral("output")).toStdString();
    const nn::Expected<void> written =
        nn::io::replaceFile(output, std::string_view(nn::io::npyText(result)));
    if (!written) {
        return tl::unexpected(written.error());
    }
    printLine("Wrote " + nn::shapeText(result.shape()) + " to " + output);
    return 0;
}

} // namespace

Command predictCommand() {
    return {.name = QStringLiteral("predict"),
            .synopsis = QStringLiteral("MODEL --input X.npy --output Y.npy"),
            .summary = QStringLiteral("run a model on an array of images"),
            .details = QStringLiteral(
                "X is a NumPy array (N, height, width, channels); numbers are used as they are. Y "
                "holds what\nthe last layer gives, one row per image, as float32."),
            .arguments = 1,
            .options = {{QStringLiteral("input"), QStringLiteral("Array to read."),
                         QStringLiteral("X.npy")},
                        {QStringLiteral("output"), QStringLiteral("Array to write."),
                         QStringLiteral("Y.npy")}},
            .run = run};
}

} // namespace app::cli
