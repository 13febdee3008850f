#include "app/inspection/random_preview.h"

#include "app/data_samples.h"
#include "app/session.h"

#include "nn/exec/executor.h"
#include "nn/model/registry.h"

#include "widgets/images/tensor_image.h"
#include "widgets/images/tile_grid.h"

#include <QLabel>
#include <QVBoxLayout>

namespace app {

namespace {

constexpr int kImages = 2;
constexpr int kVariants = 5; // of each image, the original not counted
constexpr int kGridHeight = 168;
constexpr std::int64_t kLargestImage = 512LL * 512 * 3;

nn::Graph graphOf(const nn::Node& node, const nn::Shape& image) {
    nn::Graph graph;
    graph.kind = nn::GraphKind::Functional;
    nn::Node input{.id = graph.nextId++, .type = std::string(nn::kInputType)};
    input.name = nn::freeName(graph, input.type);
    input.params["shape"] = image.extents();
    nn::Node copy{
        .id = graph.nextId++, .type = node.type, .name = node.name, .params = node.params};
    graph.edges.push_back({input.id, copy.id, 0});
    graph.nodes = {std::move(input), std::move(copy)};
    return graph;
}

bool isRandomOnOneImage(const nn::Node& node) {
    const nn::LayerDef* def = nn::findLayerDef(node.type);
    return def != nullptr && def->randomWhenTraining && !def->mixesBatch && def->arity.max == 1;
}

QImage picture(const nn::Tensor& image) {
    const nn::Shape& shape = image.shape();
    return widgets::sampleImage(
        image.values(),
        {static_cast<int>(shape[0]), static_cast<int>(shape[1]), static_cast<int>(shape[2])},
        {0.0, 1.0});
}

} // namespace

std::vector<nn::Tensor> randomVariants(const nn::Node& node, const nn::Tensor& image, int count) {
    std::vector<nn::Tensor> variants;
    if (!isRandomOnOneImage(node) || image.shape().rank() != 3) {
        return variants;
    }
    const auto network = nn::Network::compile(graphOf(node, image.shape()));
    if (!network) {
        return variants;
    }
    const nn::Shape output = (*network)->layers()[(*network)->outputs().front()].output;
    if (output.rank() != 3) {
        return variants;
    }
    nn::Parallel parallel(1);
    nn::Weights weights = nn::initialWeights((*network)->variables(), 1);
    nn::Executor executor(*network, {.batchCapacity = 1, .mode = nn::RunMode::Training}, parallel);
    const std::span<const float> input = image.values();
    for (int i = 0; i < count; ++i) {
        executor.forwardTraining({&input, 1}, 1, weights,
                                 {.seed = 1, .step = static_cast<std::uint64_t>(i)});
        variants.emplace_back(output, executor.output());
    }
    return variants;
}

RandomPreview::RandomPreview(Session& session, QWidget* parent)
    : QWidget(parent), m_session(session), m_title(new QLabel(this)),
      m_grid(new widgets::TileGrid(this)) {
    setObjectName(QStringLiteral("random-preview"));
    const widgets::Theme& theme = widgets::Theme::of(this);
    m_title->setText(tr("While training"));
    m_title->setFont(theme.font(widgets::TextRole::Heading, font()));
    m_grid->setAccessibleName(tr("What the layer does to images while training"));
    m_grid->setFixedHeight(kGridHeight);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, widgets::spacing::kUnit, 12, 0);
    column->setSpacing(widgets::spacing::kTight);
    column->addWidget(m_title);
    column->addWidget(m_grid);
    connect(&session.selection, &Selection::changed, this, &RandomPreview::refresh);
    connect(&session.data, &DataStore::changed, this, &RandomPreview::refresh);
    connect(&session.document, &Document::projectChanged, this, [this](ProjectParts parts) {
        if (parts.testFlag(ProjectPart::Graph)) {
            refresh();
        }
    });
    refresh();
}

std::vector<nn::Tensor> RandomPreview::sampleImages() const {
    std::vector<nn::Tensor> images;
    const auto source = m_session.data.source();
    if (!source || source->train.isEmpty()) {
        return images;
    }
    const nn::data::ImageShape shape = source->train.shape();
    const nn::Shape extents{shape.height, shape.width, shape.channels};
    if (extents.count() > kLargestImage) {
        return images;
    }
    for (const qint64 index : shownSamples(source->train, -1)) {
        if (images.size() == kImages) {
            break;
        }
        nn::Tensor image(extents);
        const std::int64_t wanted = index;
        source->train.gather({&wanted, 1}, image.values());
        images.push_back(std::move(image));
    }
    return images;
}

void RandomPreview::refresh() {
    const auto nodes = m_session.selection.nodes();
    const nn::Node* node =
        nodes.size() == 1 ? nn::findNode(m_session.document.graph(), *nodes.begin()) : nullptr;
    std::vector<QImage> pictures;
    QStringList captions;
    if (node != nullptr && isRandomOnOneImage(*node)) {
        for (const nn::Tensor& image : sampleImages()) {
            const std::vector<nn::Tensor> variants = randomVariants(*node, image, kVariants);
            if (variants.empty()) {
                continue;
            }
            pictures.push_back(picture(image));
            captions << tr("before");
            for (const nn::Tensor& variant : variants) {
                pictures.push_back(picture(variant));
                captions << QString();
            }
        }
    }
    setVisible(!pictures.empty());
    m_grid->setTiles(std::move(pictures));
    m_grid->setCaptions(captions);
}

} // namespace app
