#include "widgets/problem_list.h"

#include "widgets/canvas/canvas_wishes.h"
#include "widgets/problem_card.h"
#include "widgets/text.h"

#include <QEvent>
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>
#include <algorithm>

namespace widgets {
namespace {

constexpr std::size_t kMostShown = 100; // more than anybody reads; the rest is counted

} // namespace

ProblemList::ProblemList(QWidget* parent)
    : QWidget(parent), m_area(new QScrollArea(this)), m_nothing(new QLabel(this)) {
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_area);
    outer->addWidget(m_nothing, 1);
    auto* content = new QWidget;
    m_column = new QVBoxLayout(content);
    m_column->setContentsMargins(spacing::kUnit, spacing::kUnit, spacing::kUnit, spacing::kUnit);
    m_column->setSpacing(spacing::kUnit);
    m_column->addStretch(1);
    m_area->setWidget(content);
    m_area->setWidgetResizable(true);
    m_area->setFrameShape(QFrame::NoFrame);
    m_area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_area->setFocusPolicy(Qt::NoFocus);
    m_area->setAccessibleName(tr("Problems"));
    m_area->hide();
    m_nothing->setText(tr("No problems: the network can be trained."));
    m_nothing->setAlignment(Qt::AlignCenter);
    m_nothing->setMargin(spacing::kWide);
    m_nothing->setWordWrap(true);
    m_nothing->setForegroundRole(QPalette::PlaceholderText);
}

void ProblemList::setNetwork(const NetworkValues& network) {
    QHash<nn::NodeId, QString> names;
    for (const nn::Diagnostic& diagnostic : network.inference->diagnostics) {
        if (const nn::Node* node = nn::findNode(*network.graph, diagnostic.node)) {
            names[node->id] = fromUtf8(node->name);
        }
    }
    m_nothing->setText(network.graph->nodes.empty()
                           ? tr("No layers yet.")
                           : tr("No problems: the network can be trained."));
    if (network.inference->diagnostics == m_diagnostics && names == m_names) {
        return;
    }
    m_diagnostics = network.inference->diagnostics;
    m_names = names;
    std::ranges::stable_sort(m_diagnostics, std::ranges::greater{}, &nn::Diagnostic::severity);
    rebuild(*network.graph);
    m_diagnostics = network.inference->diagnostics;
    showCounts();
}

QWidget* ProblemList::card(const nn::Diagnostic& diagnostic, const nn::Graph& graph) {
    const QString layer = diagnostic.node == nn::kNoNode
                              ? tr("Network “%1”").arg(fromUtf8(graph.name))
                              : m_names.value(diagnostic.node);
    auto* made = new ProblemCard(diagnostic, layer, ProblemCard::Heading::Layer, m_area->widget());
    connect(made, &ProblemCard::chosen, this, &ProblemList::nodeWished);
    connect(made, &ProblemCard::repairWished, this,
            [this](const nn::Repair& repair) { emit wished(repairWish(repair)); });
    return made;
}

void ProblemList::rebuild(const nn::Graph& graph) {
    while (QLayoutItem* item = m_column->takeAt(0)) {
        if (QWidget* old = item->widget()) {
            // Not deleted at once: a repair button in it may have led here.
            old->hide();
            old->deleteLater();
        }
        delete item;
    }
    const std::size_t shown = std::min(m_diagnostics.size(), kMostShown);
    for (std::size_t i = 0; i < shown; ++i) {
        m_column->addWidget(card(m_diagnostics[i], graph));
    }
    if (m_diagnostics.size() > shown) {
        const int more = static_cast<int>(m_diagnostics.size() - shown);
        m_column->addWidget(new QLabel(tr("and %n more", "", more), m_area->widget()));
    }
    m_column->addStretch(1);
    m_area->setVisible(!m_diagnostics.empty());
    m_nothing->setVisible(m_diagnostics.empty());
}

void ProblemList::showCounts() {
    const auto count = [this](nn::Severity severity) {
        return static_cast<int>(
            std::ranges::count(m_diagnostics, severity, &nn::Diagnostic::severity));
    };
    const int errors = count(nn::Severity::Error);
    const int warnings = count(nn::Severity::Warning);
    if (errors != m_errors || warnings != m_warnings) {
        m_errors = errors;
        m_warnings = warnings;
        emit countsChanged(errors, warnings);
    }
}

void ProblemList::setTheme(const Theme&) {
    update();
}

void ProblemList::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        setTheme(Theme::of(this));
    }
}

} // namespace widgets
