#include "widgets/canvas/card.h"

#include "nn/base/text.h"
#include "nn/model/cost.h"
#include "nn/model/nested.h"
#include "nn/model/registry.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

namespace widgets {
namespace {

constexpr qreal kHeaderHeight = 42.0; // padding and the two lines of name and class
constexpr qreal kLineHeight = 16.0;
constexpr qreal kRepairHeight = 20.0;
constexpr qreal kProblemHeight = 50.0; // three lines
constexpr qreal kPortGap = 24.0;

struct CardText {
    Q_DECLARE_TR_FUNCTIONS(Card)
};

enum class Body { Nothing, Strip, Problem, ProblemWithRepair };

qreal heightOf(Body body, bool hasArguments) {
    qreal height = kHeaderHeight + (hasArguments ? kLineHeight : 0.0) + 6.0;
    if (body == Body::Strip) {
        height += kStripSide + 6.0;
    } else if (body != Body::Nothing) {
        height += kProblemHeight + 6.0;
    }
    if (body == Body::ProblemWithRepair) {
        height += kRepairHeight;
    }
    return std::ceil(height / kGrid) * kGrid;
}

bool isInput(const nn::LayerDef& def) {
    return def.category == nn::Category::Input;
}

QString argumentText(const nn::ParamSpec& spec, const nn::ParamValue& value) {
    const QString name = fromUtf8(spec.name);
    const QString text = fromUtf8(nn::plainText(value));
    switch (spec.kind) {
    case nn::ParamKind::Choice:
        return std::holds_alternative<nn::None>(value) ? name + u' ' + text : text;
    case nn::ParamKind::Integer:
        return std::holds_alternative<nn::None>(value) ? name + u' ' + text : text + u' ' + name;
    case nn::ParamKind::Size:
        return (name.endsWith(u"_size") ? name.chopped(5) : name) + u' ' + text;
    case nn::ParamKind::Bool: {
        const bool* on = std::get_if<bool>(&value);
        return on != nullptr && !*on ? CardText::tr("no %1").arg(name) : name;
    }
    case nn::ParamKind::Real:
    case nn::ParamKind::RealList:
    case nn::ParamKind::Borders:
    case nn::ParamKind::Object:
    case nn::ParamKind::IntegerList:
    case nn::ParamKind::Text:
        return name + u' ' + text;
    }
    return text;
}

Body bodyOf(const nn::Node& node, const nn::Inference& inference, bool hasRepair) {
    const nn::NodeInference* known = inference.find(node.id);
    if (known == nullptr || known->def == nullptr || known->failed) {
        return hasRepair ? Body::ProblemWithRepair : Body::Problem;
    }
    return known->output ? Body::Strip : Body::Nothing;
}

int layersInside(const nn::Graph& graph) {
    return static_cast<int>(std::ranges::count_if(graph.nodes, [](const nn::Node& node) {
        return node.type != nn::kInputType && node.sharedWith == nn::kNoNode;
    }));
}

} // namespace

qreal onGrid(qreal value) {
    return std::round(value / kGrid) * kGrid;
}

QPointF onGrid(QPointF point) {
    return {onGrid(point.x()), onGrid(point.y())};
}

QRectF Card::stripRect() const {
    const qreal top = kHeaderHeight + (arguments.isEmpty() ? 0.0 : kLineHeight) + 6.0;
    const qreal height = failed ? kProblemHeight : kStripSide;
    if (rect.height() < top + height) {
        return {};
    }
    return {rect.left() + kCardPadding, rect.top() + top, rect.width() - 2 * kCardPadding, height};
}

QRectF Card::repairRect() const {
    const QRectF strip = stripRect();
    if (strip.isEmpty() || !failed || repairs.empty()) {
        return {};
    }
    return {strip.left(), strip.bottom() + 2.0, strip.width(), kRepairHeight - 2.0};
}

QPointF Card::inputPoint(int port, Qt::Orientation flow) const {
    const qreal shift = port >= 0 && port < ports
                            ? (port - (ports - 1) / 2.0) * std::min(kPortGap, 192.0 / ports)
                            : 0.0;
    return flow == Qt::Vertical ? QPointF(rect.center().x() + shift, rect.top())
                                : QPointF(rect.left(), rect.center().y() + shift / 2);
}

QPointF Card::outputPoint(Qt::Orientation flow) const {
    return flow == Qt::Vertical ? QPointF(rect.center().x(), rect.bottom())
                                : QPointF(rect.right(), rect.center().y());
}

QString Card::sentence() const {
    QStringList parts{type + u' ' + name};
    if (!arguments.isEmpty()) {
        parts << QString(arguments).replace(QStringLiteral(" · "), QStringLiteral(", "));
    }
    parts << (hasOutput ? CardText::tr("output %1").arg(shape) : CardText::tr("output unknown"));
    if (!params.isEmpty()) {
        parts << params;
    }
    if (!trainable) {
        parts << CardText::tr("frozen");
    }
    QString text = parts.join(QStringLiteral(", "));
    if (!problems.isEmpty()) {
        text += QStringLiteral(". ") + problems.join(u' ');
    }
    return text;
}

QSizeF usualCardSize() {
    return {kCardWidth, heightOf(Body::Strip, true)};
}

QSizeF cardSize(const nn::Node& node, const nn::Inference& inference) {
    std::vector<const nn::Diagnostic*> problems;
    for (const nn::Diagnostic& diagnostic : inference.diagnostics) {
        if (diagnostic.node == node.id) {
            problems.push_back(&diagnostic);
        }
    }
    return cardOf(node, inference, problems).rect.size();
}

Card cardOf(const nn::Node& node, const nn::Inference& inference,
            const std::vector<const nn::Diagnostic*>& problems) {
    Card card;
    card.id = node.id;
    card.type = fromUtf8(node.type);
    card.name = fromUtf8(node.name);
    card.trainable = node.trainable;
    card.shape = outputText(nullptr);
    card.failed = true;
    if (const nn::LayerDef* def = definitionOf(node)) {
        card.category = def->category;
        // An input's only argument is its shape, which the card shows anyway.
        card.arguments = isInput(*def) ? QString() : argumentsText(*def, node.params);
        card.maxInputs = nn::arityOf(node).max;
    }
    if (node.model) {
        card.arguments = CardText::tr("%n layer(s) inside", nullptr, layersInside(*node.model));
    }
    const int least = nn::arityOf(node).min;
    card.ports = std::max(1, least);
    if (node.sharedWith != nn::kNoNode) {
        card.params = CardText::tr("shared weights");
    }
    if (const nn::NodeInference* known = inference.find(node.id)) {
        card.failed = known->failed;
        card.ports = std::max(static_cast<int>(known->inputs.size()), least);
        showShape(card, *known);
        showParams(card, node, *known);
    }
    for (const nn::Diagnostic* problem : problems) {
        card.severity = std::max(card.severity.value_or(nn::Severity::Info), problem->severity);
        card.problems << fromUtf8(problem->message);
        card.repairs.insert(card.repairs.end(), problem->repairs.begin(), problem->repairs.end());
    }
    const Body body = bodyOf(node, inference, !card.repairs.empty());
    card.rect = {0.0, 0.0, kCardWidth, heightOf(body, !card.arguments.isEmpty())};
    return card;
}

bool differsInOutputOnly(const nn::NodeInference& before, const nn::NodeInference& now) {
    return before.def == now.def && !before.failed && !now.failed && before.output && now.output &&
           before.inputs.size() == now.inputs.size();
}

void showShape(Card& card, const nn::NodeInference& known) {
    if (known.output) {
        card.hasOutput = true;
        card.shape = outputText(&known);
        card.elements = known.output->elements();
    }
}

void showParams(Card& card, const nn::Node& node, const nn::NodeInference& known) {
    const bool isSource = known.def != nullptr && isInput(*known.def);
    if (known.output && !isSource && node.sharedWith == nn::kNoNode) {
        card.params = parameterText(paramsOf(known));
    }
}

QString outputText(const nn::NodeInference* known) {
    return known != nullptr && known->output ? fromUtf8(nn::shapeText(*known->output))
                                             : QStringLiteral("?");
}

QString argumentsText(const nn::LayerDef& def, const nn::ParamMap& params) {
    QStringList parts;
    for (const nn::ParamSpec& spec : def.params) {
        if (spec.required || params.contains(spec.name)) {
            parts << argumentText(spec, nn::paramValue(params, spec));
        }
    }
    return parts.join(QStringLiteral(" · "));
}

QString parameterText(std::int64_t count) {
    constexpr std::int64_t kMillion = 1'000'000;
    const std::string text =
        count < kMillion ? nn::withThousands(count) : nn::countText(static_cast<double>(count));
    return count == 1 ? CardText::tr("1 param") : CardText::tr("%1 params").arg(fromUtf8(text));
}

const nn::LayerDef* definitionOf(const nn::Node& node) {
    return nn::findLayerDef(node.type);
}

int maxInputsOf(const nn::Node& node) {
    const nn::LayerDef* def = definitionOf(node);
    return def == nullptr ? 1 : nn::arityOf(node).max;
}

} // namespace widgets
