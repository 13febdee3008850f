#include "app/inspection/random_preview.h"

#include "app/data_samples.h"
#include "app/session.h"

#include "nn/exec/executor.h"
#include "nn/model/registry.h"

#include "widgets/icons.h"
#include "widgets/images/tensor_image.h"
#include "widgets/images/tile_grid.h"
#include "widgets/text_role.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

namespace app {

namespace {

constexpr const char* kRange = "value_range";
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
      m_grid(new widgets::TileGrid(this)), m_note(new QLabel(this)),
      m_repair(new QPushButton(this)) {
    setObjectName(QStringLiteral("random-preview"));
    const widgets::Theme& theme = widgets::Theme::of(this);
    m_title->setText(tr("While training"));
    widgets::setTextRole(m_title, widgets::TextRole::Heading);
    m_grid->setAccessibleName(tr("What the layer does to images while training"));
    m_grid->setFixedHeight(kGridHeight);
    m_note->setObjectName(QStringLiteral("range-note"));
    m_note->setWordWrap(true);
    m_note->setTextFormat(Qt::PlainText);
    m_note->setText(tr("These pixels lie between 0 and 1, but the layer expects 0 to 255."));
    m_repair->setObjectName(QStringLiteral("range-repair"));
    m_repair->setText(tr("Set value_range to 0, 1"));
    m_repair->setIcon(widgets::icon(u"repair", theme.accent));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, widgets::spacing::kUnit, 12, widgets::spacing::kUnit);
    column->setSpacing(widgets::spacing::kTight);
    column->addWidget(m_title);
    column->addWidget(m_grid);
    column->addWidget(m_note);
    column->addWidget(m_repair, 0, Qt::AlignLeft);
    connect(m_repair, &QPushButton::clicked, this, &RandomPreview::setRange);
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

RandomPreview::Pictures RandomPreview::picturesOf(const nn::Node& node,
                                                  const std::vector<nn::Tensor>& images) {
    Pictures pictures;
    for (const nn::Tensor& image : images) {
        const std::vector<nn::Tensor> variants = randomVariants(node, image, kVariants);
        if (variants.empty()) {
            continue;
        }
        pictures.tiles.push_back(picture(image));
        pictures.captions << tr("before");
        for (const nn::Tensor& variant : variants) {
            pictures.tiles.push_back(picture(variant));
            pictures.captions << QString();
        }
    }
    return pictures;
}

void RandomPreview::refresh() {
    const auto nodes = m_session.selection.nodes();
    const nn::Node* node =
        nodes.size() == 1 ? nn::findNode(m_session.document.graph(), *nodes.begin()) : nullptr;
    m_background.cancel(); // only the newest wish counts
    if (node == nullptr || !isRandomOnOneImage(*node) || !m_session.data.source()) {
        hide();
        return;
    }
    showRangeNote(*node);
    launch(*node);
}

void RandomPreview::launch(const nn::Node& node) {
    m_background.run([node, images = sampleImages()](
                         const std::stop_token&) { return picturesOf(node, images); },
                     [this](Pictures pictures) {
                         setVisible(!pictures.tiles.empty());
                         m_grid->setTiles(std::move(pictures.tiles));
                         m_grid->setCaptions(pictures.captions);
                     });
}

/// Keras' default range is that of bytes; images here are scaled unless a layer undoes it.
void RandomPreview::showRangeNote(const nn::Node& node) {
    const nn::LayerDef* def = nn::findLayerDef(node.type);
    const nn::ParamSpec* spec = nn::findSpec(def->params, kRange);
    const auto* range = spec == nullptr
                            ? nullptr
                            : std::get_if<std::vector<double>>(&nn::paramValue(node.params, *spec));
    const bool isScaled =
        std::ranges::none_of(m_session.document.graph().nodes, [](const nn::Node& each) {
            return each.type == "Rescaling" || each.type == "Normalization";
        });
    const bool isWrong = range != nullptr && isScaled && !range->empty() && range->back() > 2.0;
    m_node = isWrong ? node.id : nn::kNoNode;
    m_note->setVisible(isWrong);
    m_repair->setVisible(isWrong);
}

void RandomPreview::setRange() {
    const nn::SetParam edit{.id = m_node, .param = kRange, .value = std::vector<double>{0.0, 1.0}};
    widgets::EditWish wish;
    wish.text = tr("Set value_range to 0, 1");
    wish.edits = {edit};
    m_session.editor.carryOut(wish);
}

} // namespace app
