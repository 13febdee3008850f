#include "app/inspection/layer_inspection.h"

#include "app/image_decoder.h"
#include "app/training/job.h"

#include "nn/base/text.h"
#include "nn/data/fit.h"
#include "nn/exec/executor.h"
#include "nn/model/cost.h"

#include "widgets/images/tensor_image.h"

#include <QCoreApplication>
#include <algorithm>
#include <array>
#include <limits>

namespace app {

namespace {

/// Fresh weights beyond this are not made only to be looked at.
constexpr std::int64_t kMaxFreshParams = 32'000'000;

QString text(const char* source) {
    return QCoreApplication::translate("Inspection", source);
}

bool sameVariables(const std::vector<nn::Variable>& a, const std::vector<nn::Variable>& b) {
    return std::ranges::equal(a, b, [](const nn::Variable& x, const nn::Variable& y) {
        return x.node == y.node && x.spec.name == y.spec.name && x.spec.shape == y.spec.shape;
    });
}

/// Which channel number `i` of `count` shown ones is: spread evenly over all.
int spreadChannel(int i, int count, int channels) {
    return count >= channels ? i : i * channels / count;
}

QImage stripImage(std::span<const float> values, widgets::ImageExtent extent, int channel,
                  int side) {
    const widgets::PlaneView plane = widgets::channelOf(values, extent, channel);
    const QImage image = widgets::planeImage(plane, widgets::finiteRange(plane),
                                             widgets::colorMap(widgets::ColorMapName::Viridis));
    if (image.width() <= side && image.height() <= side) {
        return image;
    }
    return image.scaled(side, side, Qt::KeepAspectRatio, Qt::SmoothTransformation);
}

/// One row of numbers as a bar code; long rows show the largest of each group.
QImage rowImage(std::span<const float> values, int width) {
    const auto count = static_cast<int>(values.size());
    const int shown = std::min(count, width);
    std::vector<float> largest(static_cast<std::size_t>(shown),
                               -std::numeric_limits<float>::infinity());
    for (int i = 0; i < count; ++i) {
        float& slot = largest[static_cast<std::size_t>(std::int64_t{i} * shown / count)];
        slot = std::max(slot, values[static_cast<std::size_t>(i)]);
    }
    return widgets::planeImage(widgets::planeOf(largest, 1, shown), widgets::finiteRange(largest),
                               widgets::colorMap(widgets::ColorMapName::Viridis));
}

} // namespace

/// A network ready to look inside, with the weights it was last looked at.
struct Inspector::Compiled {
    std::shared_ptr<const nn::Graph> graph;
    std::shared_ptr<const nn::Network> network;
    nn::Parallel parallel{1};
    std::unique_ptr<nn::Executor> executor;
    std::shared_ptr<const nn::Weights> given; ///< What `weights` was made from.
    std::uint64_t seed = 0;
    std::shared_ptr<const nn::Weights> weights;
    std::vector<float> input;
};

Inspector::Inspector() = default;
Inspector::~Inspector() = default;

Inspection Inspector::inspect(const InspectionRequest& request) {
    Inspection inspection;
    inspection.error = prepare(request);
    if (!inspection.error.isEmpty()) {
        return inspection;
    }
    resolveWeights(request);
    inspection.layer = request.layer;
    if (const nn::Node* node = nn::findNode(*request.graph, request.layer)) {
        inspection.layerName = QString::fromStdString(node->name);
        const nn::Tensor* kernel = m_compiled->weights->find(node->id, "kernel");
        if (kernel != nullptr && kernel->shape().rank() == 4) {
            inspection.kernel = *kernel;
        }
    }
    if (request.image) {
        run(request, inspection);
    }
    return inspection;
}

QString Inspector::prepare(const InspectionRequest& request) {
    if (m_compiled &&
        (m_compiled->graph == request.graph || *m_compiled->graph == *request.graph)) {
        m_compiled->graph = request.graph;
        return {};
    }
    m_compiled.reset();
    if (!request.inference->isRunnable()) {
        return request.graph->nodes.empty()
                   ? text("Add layers to see what they make of an image.")
                   : text("Mend the network first: the list of problems says how.");
    }
    const std::int64_t params = nn::paramsOf(nn::costsOf(*request.inference).total);
    if (!request.weights && params > kMaxFreshParams) {
        return text("This network has %1 weights. Its inside is shown once it is trained.")
            .arg(QString::fromStdString(nn::countText(static_cast<double>(params))));
    }
    const auto network = nn::Network::compile(*request.graph, *request.inference);
    if (!network) {
        return QString::fromStdString(network.error().message);
    }
    m_compiled = std::make_unique<Compiled>();
    m_compiled->graph = request.graph;
    m_compiled->network = *network;
    return {};
}

void Inspector::resolveWeights(const InspectionRequest& request) {
    Compiled& compiled = *m_compiled;
    const bool isSame = compiled.weights && compiled.given == request.weights &&
                        (request.weights || compiled.seed == request.seed);
    if (isSame) {
        return;
    }
    compiled.given = request.weights;
    compiled.seed = request.seed;
    const std::vector<nn::Variable>& wanted = compiled.network->variables();
    if (request.weights && sameVariables(request.weights->variables, wanted)) {
        compiled.weights = request.weights;
        return;
    }
    nn::Weights fresh = nn::initialWeights(wanted, request.seed);
    compiled.weights = std::make_shared<const nn::Weights>(
        request.weights ? nn::carriedOver(*request.weights, std::move(fresh)) : std::move(fresh));
}

void Inspector::run(const InspectionRequest& request, Inspection& inspection) {
    Compiled& compiled = *m_compiled;
    const auto shape = inputImageShape(*request.inference);
    if (!shape) {
        inspection.error = text("The network does not take one grey or RGB image of a known size.");
        return;
    }
    if (!compiled.executor) {
        compiled.executor = std::make_unique<nn::Executor>(
            compiled.network,
            nn::ExecutorOptions{.batchCapacity = 1, .mode = nn::RunMode::Inspection},
            compiled.parallel);
    }
    const nn::data::Image image = nn::data::fitImage(*request.image, *shape);
    compiled.input.resize(image.pixels.size());
    std::ranges::transform(image.pixels, compiled.input.begin(),
                           [](std::uint8_t pixel) { return static_cast<float>(pixel) / 255.0F; });
    const std::array<std::span<const float>, 1> inputs = {compiled.input};
    compiled.executor->forward(inputs, 1, *compiled.weights);
    inspection.input = toQImage(image);

    const auto& layers = compiled.network->layers();
    if (const auto index = compiled.network->indexOf(request.layer)) {
        inspection.maps = nn::Tensor(layers[*index].output, compiled.executor->activation(*index));
    }
    const auto& outputs = compiled.network->outputs();
    if (!outputs.empty() && layers[outputs.front()].output.rank() == 1) {
        const auto values = compiled.executor->output();
        inspection.probabilities.assign(values.begin(), values.end());
    }
    if (request.strips > 0) {
        addStrips(request, inspection);
    }
}

void Inspector::addStrips(const InspectionRequest& request, Inspection& inspection) const {
    const auto& layers = m_compiled->network->layers();
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const nn::Shape& shape = layers[i].output;
        const auto values = m_compiled->executor->activation(i);
        if (values.empty()) {
            continue;
        }
        if (shape.rank() == 1 && values.size() > 2) {
            inspection.strips[layers[i].id] = {rowImage(values, request.rowWidth)};
            continue;
        }
        if (shape.rank() != 3) {
            continue;
        }
        const widgets::ImageExtent extent{static_cast<int>(shape[0]), static_cast<int>(shape[1]),
                                          static_cast<int>(shape[2])};
        const int count = std::min(request.strips, extent.channels);
        QList<QImage>& strip = inspection.strips[layers[i].id];
        for (int k = 0; k < count; ++k) {
            strip.append(stripImage(values, extent, spreadChannel(k, count, extent.channels),
                                    request.stripSide));
        }
    }
}

} // namespace app
