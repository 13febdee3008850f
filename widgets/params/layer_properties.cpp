#include "widgets/params/layer_properties.h"

#include "nn/model/registry.h"
#include "widgets/canvas/canvas_wishes.h"
#include "widgets/category_tile.h"
#include "widgets/icons.h"
#include "widgets/params/help_strip.h"
#include "widgets/params/param_form.h"
#include "widgets/problem_card.h"
#include "widgets/text.h"
#include "widgets/text_role.h"
#include "widgets/vertical_scroll_area.h"

#include <QCheckBox>
#include <QEvent>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

namespace widgets {
namespace {

constexpr int kTileSide = 28;

QLabel* plainLabel(QWidget* parent) {
    auto* label = new QLabel(parent);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    return label;
}

bool sameType(const std::vector<const nn::Node*>& nodes) {
    return !nodes.empty() && std::ranges::all_of(nodes, [&nodes](const nn::Node* node) {
        return node->type == nodes.front()->type;
    });
}

/// The first sentence: the whole message and its repairs stand above the form.
QString shortMessage(const nn::Diagnostic& diagnostic, const nn::Graph& graph) {
    const nn::Node* node = nn::findNode(graph, diagnostic.node);
    const QString message = withoutLayer(fromUtf8(diagnostic.message),
                                         node == nullptr ? QString() : fromUtf8(node->name));
    const qsizetype end = message.indexOf(QStringLiteral(". "));
    return end < 0 ? message : message.first(end + 1);
}

// By role, not by colour: the style sheet restores colours set by hand when the theme changes.
void setMuted(QLabel* label) {
    label->setForegroundRole(QPalette::PlaceholderText);
}

} // namespace

LayerProperties::LayerProperties(QWidget* parent) : QWidget(parent), m_theme(Theme::of(this)) {
    build();
    connectFields();
    setTheme(m_theme);
}

/// Fields lose the keyboard while they are destroyed: that is no wish.
LayerProperties::~LayerProperties() {
    m_name->disconnect(this);
    m_form->disconnect(this);
}

void LayerProperties::build() {
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    auto* area = new VerticalScrollArea(this);
    area->setFocusPolicy(Qt::NoFocus);
    outer->setSpacing(0);
    outer->addWidget(area, 1);
    m_strip = new HelpStrip(this);
    outer->addWidget(m_strip);
    auto* content = new QWidget;
    area->setContent(content);

    m_tile = new QLabel(content);
    m_title = plainLabel(content);
    m_title->setObjectName(QStringLiteral("properties-title"));
    m_summary = plainLabel(content);
    m_nameLabel = new QLabel(tr("&Name"), content);
    m_name = new QLineEdit(content);
    m_name->setObjectName(QStringLiteral("layer-name"));
    m_name->setAccessibleName(tr("Name"));
    m_name->setMaxLength(200);
    m_nameLabel->setBuddy(m_name);
    m_nameProblem = plainLabel(content);
    m_nameProblem->hide();
    m_trainable = new QCheckBox(tr("&Trainable"), content);
    m_trainable->setObjectName(QStringLiteral("layer-trainable"));
    m_trainable->setToolTip(tr("Training changes the weights of this layer; off: it is frozen."));
    m_problems = new QWidget(content);
    m_problemColumn = new QVBoxLayout(m_problems);
    m_problemColumn->setContentsMargins(0, 0, 0, 0);
    m_problemColumn->setSpacing(spacing::kUnit);
    m_argumentsTitle = plainLabel(content);
    m_argumentsTitle->setText(tr("Arguments"));
    m_form = new ParamForm(content);
    m_form->setObjectName(QStringLiteral("layer-params"));
    m_factsTitle = plainLabel(content);
    m_factsTitle->setText(tr("Facts"));
    setTextRole(m_title, TextRole::Title);
    setTextRole(m_argumentsTitle, TextRole::Heading);
    setTextRole(m_factsTitle, TextRole::Heading);
    m_factsGrid = new QGridLayout;
    m_factsGrid->setHorizontalSpacing(spacing::kWide);
    m_factsGrid->setVerticalSpacing(spacing::kTight);
    m_factsGrid->setColumnStretch(1, 1);
    m_help = plainLabel(content);
    m_help->setTextInteractionFlags(Qt::TextSelectableByMouse);

    auto* titleRow = new QHBoxLayout;
    titleRow->setSpacing(spacing::kUnit);
    titleRow->addWidget(m_tile, 0, Qt::AlignTop);
    auto* titles = new QVBoxLayout;
    titles->setSpacing(2);
    titles->addWidget(m_title);
    titles->addWidget(m_summary);
    titleRow->addLayout(titles, 1);
    m_explain = new QToolButton(content);
    m_explain->setObjectName(QStringLiteral("layer-explain"));
    m_explain->setAutoRaise(true);
    titleRow->addWidget(m_explain, 0, Qt::AlignTop);
    auto* nameRow = new QHBoxLayout;
    nameRow->setSpacing(spacing::kUnit);
    nameRow->addWidget(m_nameLabel);
    nameRow->addWidget(m_name, 1);
    nameRow->addWidget(m_trainable);

    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(12, 12, 12, 12);
    column->setSpacing(spacing::kUnit);
    column->addLayout(titleRow);
    column->addLayout(nameRow);
    column->addWidget(m_nameProblem);
    column->addWidget(m_problems);
    column->addSpacing(spacing::kTight);
    column->addWidget(m_argumentsTitle);
    column->addWidget(m_form);
    column->addSpacing(spacing::kTight);
    column->addWidget(m_factsTitle);
    column->addLayout(m_factsGrid);
    column->addSpacing(spacing::kTight);
    column->addWidget(m_help);
    column->addStretch(1);
}

void LayerProperties::connectFields() {
    connect(m_form, &ParamForm::valuePreviewed, this,
            [this](const QString& name, const nn::ParamValue& value) {
                emitParam(name, value, false);
            });
    connect(
        m_form, &ParamForm::valueCommitted, this,
        [this](const QString& name, const nn::ParamValue& value) { emitParam(name, value, true); });
    connect(m_form, &ParamForm::previewCancelled, this, [this] { emit previewCancelled(); });
    connect(m_form, &ParamForm::helpChanged, m_strip, &HelpStrip::showHelp);
    connect(m_explain, &QToolButton::clicked, this, [this] { emit helpWished(m_type); });
    connect(m_name, &QLineEdit::editingFinished, this, &LayerProperties::commitName);
    connect(m_name, &QLineEdit::textEdited, this, [this](const QString& text) {
        const nn::Node* other = nn::findNode(*m_network.graph, text.trimmed().toStdString());
        const bool taken = other != nullptr && !m_selection.contains(other->id);
        m_nameProblem->setText(taken ? tr("Another layer is already called “%1”.").arg(text)
                                     : QString());
        m_nameProblem->setVisible(taken && !m_selection.isEmpty());
    });
    connect(m_trainable, &QCheckBox::clicked, this, [this](bool on) {
        m_trainable->setTristate(false);
        emit wished(trainableWish(*m_network.graph, m_selection, on));
    });
}

void LayerProperties::emitParam(const QString& name, const nn::ParamValue& value, bool final) {
    EditWish wish;
    wish.text =
        tr("Set %1 of %2 to %3")
            .arg(name, layersText(*m_network.graph, m_selection), fromUtf8(nn::plainText(value)));
    for (const nn::Node* node : selectedNodes()) {
        wish.edits.emplace_back(
            nn::SetParam{.id = node->id, .param = name.toStdString(), .value = value});
    }
    if (final) {
        emit wished(wish);
    } else {
        emit wishPreviewed(wish);
    }
}

void LayerProperties::commitName() {
    const QString name = m_name->text().trimmed();
    const bool isTaken = !m_nameProblem->isHidden();
    m_nameProblem->hide();
    if (isTaken || name.isEmpty()) {
        refresh();
        return;
    }
    EditWish wish;
    if (m_selection.isEmpty()) {
        if (name != fromUtf8(m_network.graph->name)) {
            wish.text = tr("Rename the network to %1").arg(name);
            wish.edits.emplace_back(nn::RenameGraph{.name = name.toStdString()});
        }
    } else if (m_selection.size() == 1) {
        wish = renameWish(*m_network.graph, *m_selection.begin(), name);
    }
    if (!wish.isEmpty()) {
        emit wished(wish);
    }
}

void LayerProperties::setNetwork(const NetworkValues& network) {
    m_network = network;
    refresh();
}

void LayerProperties::setSelection(const NodeSet& nodes) {
    if (nodes == m_selection) {
        return;
    }
    m_form->commitPending(); // it belongs to the layers selected before
    m_selection = nodes;
    m_nameProblem->hide();
    m_name->setModified(false);
    refresh();
}

std::vector<const nn::Node*> LayerProperties::selectedNodes() const {
    std::vector<const nn::Node*> nodes;
    for (const nn::Node& node : m_network.graph->nodes) {
        if (m_selection.contains(node.id)) {
            nodes.push_back(&node);
        }
    }
    return nodes;
}

void LayerProperties::refresh() {
    const std::vector<const nn::Node*> nodes = selectedNodes();
    showTitle(nodes);
    showProblems();
    showForm(nodes);
    showFacts(nodes.size() == 1 ? factsOf(*nodes.front()) : factsOf(nodes));
    showHelp(nodes);
}

void LayerProperties::showTitle(const std::vector<const nn::Node*>& nodes) {
    const nn::LayerDef* def = sameType(nodes) ? definitionOf(*nodes.front()) : nullptr;
    m_tile->setVisible(def != nullptr);
    if (def != nullptr) {
        m_tile->setPixmap(categoryTile(def->category, kTileSide, m_theme, devicePixelRatioF()));
        m_tile->setAccessibleName(fromUtf8(nn::categoryName(def->category)));
    }
    const int count = static_cast<int>(nodes.size());
    m_type = def == nullptr ? QString() : fromUtf8(def->type);
    m_explain->setVisible(def != nullptr);
    m_explain->setToolTip(tr("Explain %1 (F1)").arg(m_type));
    m_explain->setAccessibleName(tr("Explain %1").arg(m_type));
    m_title->setText(nodes.empty()    ? tr("Network")
                     : count == 1     ? fromUtf8(nodes.front()->type)
                     : def != nullptr ? tr("%1 × %2").arg(count).arg(fromUtf8(nodes.front()->type))
                                      : tr("%n layers", "", count));
    m_summary->setText(def != nullptr ? fromUtf8(def->summary)
                       : nodes.empty()
                           ? (m_network.graph->nodes.empty()
                                  ? tr("Add layers from the palette: double-click one, or drag it "
                                       "to the canvas.")
                                  : tr("Select a layer to see and change its arguments."))
                           : QString());
    m_summary->setVisible(!m_summary->text().isEmpty());
    const bool hasName = count <= 1;
    m_nameLabel->setVisible(hasName);
    m_name->setVisible(hasName);
    if (!(m_name->hasFocus() && m_name->isModified())) {
        m_name->setText(nodes.empty() ? fromUtf8(m_network.graph->name)
                        : count == 1  ? fromUtf8(nodes.front()->name)
                                      : QString());
    }
    const auto trained = std::ranges::count_if(nodes, [](auto* node) { return node->trainable; });
    m_trainable->setVisible(!nodes.empty());
    m_trainable->setTristate(trained != 0 && trained != count);
    m_trainable->setCheckState(trained == 0       ? Qt::Unchecked
                               : trained == count ? Qt::Checked
                                                  : Qt::PartiallyChecked);
}

void LayerProperties::showForm(const std::vector<const nn::Node*>& nodes) {
    const nn::LayerDef* def = sameType(nodes) ? definitionOf(*nodes.front()) : nullptr;
    const bool hasForm = def != nullptr && !def->params.empty();
    m_argumentsTitle->setVisible(hasForm);
    m_form->setVisible(hasForm);
    m_strip->setVisible(hasForm);
    m_form->setSpecs(def == nullptr ? std::vector<nn::ParamSpec>() : def->params);
    if (!hasForm) {
        return;
    }
    std::vector<nn::ParamMap> values;
    for (const nn::Node* node : nodes) {
        values.push_back(node->params);
    }
    m_form->setValues(values);
    QHash<QString, QString> problems;
    for (const nn::Diagnostic& diagnostic : m_network.inference->diagnostics) {
        const bool isOurs = m_selection.contains(diagnostic.node) && !diagnostic.param.empty();
        if (isOurs && diagnostic.severity == nn::Severity::Error) {
            problems[fromUtf8(diagnostic.param)] = shortMessage(diagnostic, *m_network.graph);
        }
    }
    m_form->setProblems(problems);
}

void LayerProperties::showProblems() {
    std::vector<nn::Diagnostic> problems;
    for (const nn::Diagnostic& diagnostic : m_network.inference->diagnostics) {
        const bool isShown = m_selection.isEmpty() ? diagnostic.node == nn::kNoNode
                                                   : m_selection.contains(diagnostic.node);
        if (isShown) {
            problems.push_back(diagnostic);
        }
    }
    m_problems->setVisible(!problems.empty());
    if (problems == m_shownProblems) {
        return;
    }
    m_shownProblems = problems;
    while (QLayoutItem* item = m_problemColumn->takeAt(0)) {
        // Not deleted at once: a repair button in it may have led here.
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    for (const nn::Diagnostic& problem : problems) {
        const nn::Node* node = nn::findNode(*m_network.graph, problem.node);
        const QString name = node == nullptr ? QString() : fromUtf8(node->name);
        const auto heading =
            m_selection.size() > 1 ? ProblemCard::Heading::Layer : ProblemCard::Heading::None;
        auto* card = new ProblemCard(problem, name, heading, m_problems);
        connect(card, &ProblemCard::repairWished, this,
                [this](const nn::Repair& repair) { emit wished(repairWish(repair)); });
        m_problemColumn->addWidget(card);
    }
}

void LayerProperties::showFacts(const std::vector<Fact>& facts) {
    m_factsTitle->setVisible(!facts.empty());
    m_facts = facts;
    while (m_factsGrid->count() > static_cast<int>(2 * facts.size())) {
        QLayoutItem* item = m_factsGrid->takeAt(m_factsGrid->count() - 1);
        delete item->widget();
        delete item;
    }
    for (int i = 0; i < static_cast<int>(facts.size()); ++i) {
        if (m_factsGrid->count() <= 2 * i) {
            auto* label = plainLabel(m_factsTitle->parentWidget());
            label->setWordWrap(false);
            setMuted(label);
            auto* value = plainLabel(m_factsTitle->parentWidget());
            value->setTextInteractionFlags(Qt::TextSelectableByMouse);
            m_factsGrid->addWidget(label, i, 0, Qt::AlignTop);
            m_factsGrid->addWidget(value, i, 1);
        }
        const auto& [name, text] = facts[static_cast<std::size_t>(i)];
        static_cast<QLabel*>(m_factsGrid->itemAt(2 * i)->widget())->setText(name);
        static_cast<QLabel*>(m_factsGrid->itemAt(2 * i + 1)->widget())->setText(text);
    }
}

QHash<QString, QString> LayerProperties::facts() const {
    return {m_facts.begin(), m_facts.end()};
}

void LayerProperties::showHelp(const std::vector<const nn::Node*>& nodes) {
    const nn::LayerDef* def = sameType(nodes) ? definitionOf(*nodes.front()) : nullptr;
    m_help->setText(def == nullptr ? QString() : fromUtf8(def->help));
    m_help->setVisible(!m_help->text().isEmpty());
}

void LayerProperties::focusFirstField() {
    if (m_form->isVisible()) {
        m_form->focusFirstField();
    } else {
        m_name->setFocus(Qt::ShortcutFocusReason);
    }
}

void LayerProperties::setTheme(const Theme& theme) {
    m_theme = theme;
    m_explain->setIcon(icon(u"help", theme));
    setMuted(m_summary);
    setMuted(m_help);
    m_nameProblem->setForegroundRole(QPalette::BrightText); // the theme's colour of errors
    for (int i = 0; i < m_factsGrid->count(); i += 2) {
        setMuted(static_cast<QLabel*>(m_factsGrid->itemAt(i)->widget()));
    }
    refresh();
}

void LayerProperties::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_help != nullptr) {
        setTheme(Theme::of(this));
    }
}

} // namespace widgets
