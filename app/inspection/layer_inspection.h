#pragma once

#include "nn/data/dataset.h"
#include "nn/io/project.h"
#include "nn/model/infer.h"
#include "nn/tensor/tensor.h"

#include <QHash>
#include <QImage>
#include <QList>
#include <memory>
#include <optional>
#include <vector>

namespace app {

/// What is to be looked at: values only, so that it can be carried to another thread.
struct InspectionRequest {
    std::shared_ptr<const nn::Graph> graph;
    std::shared_ptr<const nn::Inference> inference;
    std::shared_ptr<const nn::Weights> weights; ///< nullptr: fresh ones from the seed.
    std::uint64_t seed = 0;
    std::optional<nn::data::Image> image; ///< In any size.
    nn::NodeId layer = nn::kNoNode;       ///< `kNoNode`: no layer is looked into.
    int strips = 0;                       ///< Small maps wanted for each layer.
    int stripSide = 48;                   ///< Largest side of these in pixels.
    int rowWidth = 120;                   ///< Most bars of a layer that is one row of numbers.
};

/// What was seen.
struct Inspection {
    QString error; ///< Why nothing can be shown; empty when all went well.
    nn::NodeId layer = nn::kNoNode;
    QString layerName;
    std::optional<nn::Tensor> kernel; ///< (height, width, inputs, outputs) of a convolution.
    std::optional<nn::Tensor> maps;   ///< Activation of the layer for the image.
    std::vector<float> probabilities; ///< Of the last layer when it is one row of classes.
    QImage input;                     ///< The image as the network sees it.
    QHash<nn::NodeId, QList<QImage>> strips;
};

/// Runs networks to look inside; keeps what the next request can use again. For one thread.
class Inspector {
public:
    Inspector();
    ~Inspector();

    [[nodiscard]] Inspection inspect(const InspectionRequest& request);

private:
    struct Compiled;

    [[nodiscard]] QString prepare(const InspectionRequest& request);
    void resolveWeights(const InspectionRequest& request);
    void run(const InspectionRequest& request, Inspection& inspection);
    void addStrips(const InspectionRequest& request, Inspection& inspection) const;

    std::unique_ptr<Compiled> m_compiled;
};

} // namespace app
