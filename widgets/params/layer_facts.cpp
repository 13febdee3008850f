#include "nn/base/text.h"
#include "nn/model/cost.h"
#include "widgets/params/layer_properties.h"
#include "widgets/text.h"

namespace widgets {
namespace {

QString countOf(std::int64_t value) {
    return fromUtf8(nn::withThousands(value));
}

QString bytesOf(std::int64_t bytes) {
    return fromUtf8(nn::byteText(bytes));
}

} // namespace

std::vector<LayerProperties::Fact> LayerProperties::factsOf(const nn::Node& node) const {
    std::vector<Fact> facts;
    const nn::NodeInference* known = m_network.inference->find(node.id);
    if (known == nullptr || known->def == nullptr) {
        return facts;
    }
    QStringList inputs;
    for (const nn::Shape& shape : known->inputShapes) {
        inputs << fromUtf8(nn::shapeText(shape));
    }
    if (known->def->arity.max > 0) {
        facts.emplace_back(tr("Input"), inputs.isEmpty() ? tr("unknown") : inputs.join(u'\n'));
    }
    facts.emplace_back(tr("Output"),
                       known->output ? fromUtf8(nn::shapeText(*known->output)) : tr("unknown"));
    if (!known->output) {
        return facts;
    }
    if (node.sharedWith != nn::kNoNode) {
        const nn::Node* layer = nn::findNode(*m_network.graph, node.sharedWith);
        facts.emplace_back(tr("Weights"),
                           layer == nullptr
                               ? tr("shared")
                               : tr("those of %1, called again").arg(fromUtf8(layer->name)));
    }
    const std::int64_t params = nn::paramsOf(*known);
    QString paramText = countOf(params);
    if (known->nonTrainableParams > 0 && known->trainableParams > 0) {
        paramText += tr(" (%1 not trained)").arg(countOf(known->nonTrainableParams));
    }
    facts.emplace_back(tr("Parameters"), paramText);
    for (const nn::WeightSpec& weight : known->weights) {
        facts.emplace_back(QStringLiteral("   ") + fromUtf8(weight.name),
                           fromUtf8(nn::shapeText(weight.shape)));
    }
    if (known->cost.macs > 0) {
        facts.emplace_back(tr("MACs"), tr("%1 per image").arg(countOf(known->cost.macs)));
    } else if (known->cost.otherOperations > 0) {
        facts.emplace_back(tr("Operations"),
                           tr("%1 per image").arg(countOf(known->cost.otherOperations)));
    }
    facts.emplace_back(
        tr("Memory"),
        tr("%1 per image").arg(bytesOf(nn::costsOf(node.id, *known).activationBytes)));
    return facts;
}

std::vector<LayerProperties::Fact>
LayerProperties::factsOf(const std::vector<const nn::Node*>& nodes) const {
    std::vector<Fact> facts;
    NodeSet shown;
    for (const nn::Node* node : nodes) {
        shown.insert(node->id);
    }
    nn::LayerCosts sum;
    std::int64_t count = 0;
    for (const nn::LayerCosts& cost : nn::costsOf(*m_network.inference).layers) {
        if (nodes.empty() || shown.contains(cost.id)) {
            ++count;
            nn::addCosts(sum, cost);
        }
    }
    if (nodes.empty() && count > 0) {
        facts.emplace_back(tr("Layers"), countOf(count));
    }
    if (count == 0) {
        return {};
    }
    const std::int64_t params = nn::paramsOf(sum);
    facts.emplace_back(tr("Parameters"),
                       countOf(params) + QStringLiteral(" (") + bytesOf(sum.paramBytes) + u')');
    if (sum.nonTrainableParams > 0) {
        facts.emplace_back(tr("Not trained"), countOf(sum.nonTrainableParams));
    }
    facts.emplace_back(tr("MACs"), tr("%1 per image").arg(countOf(sum.macs)));
    facts.emplace_back(tr("Memory"), tr("%1 per image").arg(bytesOf(sum.activationBytes)));
    return facts;
}

} // namespace widgets
