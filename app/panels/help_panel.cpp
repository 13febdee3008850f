#include "app/help/layer_example.h"
#include "app/help/layer_page.h"
#include "app/panels/panels.h"
#include "app/session.h"

#include "nn/model/registry.h"

#include "widgets/theme.h"

#include <QDockWidget>
#include <QEvent>
#include <QTextBrowser>
#include <algorithm>
#include <map>

namespace app {

namespace {

/// The help of the selected layer, of one asked for, or the list of all.
class HelpPanel final : public QTextBrowser {
public:
    HelpPanel(Session& session, QWidget* parent) : QTextBrowser(parent), m_session(session) {
        setObjectName(QStringLiteral("layer-help"));
        setAccessibleName(Requests::tr("Help on layers"));
        setFrameShape(QFrame::NoFrame);
        setOpenLinks(false);
        document()->setDocumentMargin(widgets::spacing::kWide);
        connect(this, &QTextBrowser::anchorClicked, this, &HelpPanel::follow);
        connect(&session.requests, &Requests::helpWished, this, [this](const QString& type) {
            showType(type);
            emit m_session.requests.panelWished(QStringLiteral("help"));
        });
        connect(&session.selection, &Selection::changed, this, [this] { followSelection(); });
    }

    void setLookedAt(bool looked) {
        m_isLookedAt = looked;
        if (looked) {
            followSelection();
            refresh();
        }
    }

protected:
    void changeEvent(QEvent* event) override {
        QTextBrowser::changeEvent(event);
        if (event->type() == QEvent::PaletteChange) {
            m_shown.clear();
            refresh();
        }
    }
    void resizeEvent(QResizeEvent* event) override {
        QTextBrowser::resizeEvent(event);
        const bool fits = m_figureWidth == figureRoom();
        if (!fits) {
            m_shown.clear();
            refresh();
        }
    }

private:
    void follow(const QUrl& link) {
        showType(link.scheme() == QStringLiteral("layer") ? link.path() : QString());
    }

    void followSelection() {
        const auto nodes = m_session.selection.nodes();
        const nn::Node* node =
            nodes.size() == 1 ? nn::findNode(m_session.document.graph(), *nodes.begin()) : nullptr;
        if (m_isLookedAt && node != nullptr) {
            showType(QString::fromStdString(node->type));
        }
    }

    void showType(const QString& type) {
        m_type = type;
        refresh();
    }

    [[nodiscard]] int figureRoom() const {
        return viewport()->width() - 2 * widgets::spacing::kWide - 4;
    }

    void refresh() {
        if (!m_isLookedAt || (m_shown == m_type && !m_shown.isNull())) {
            return;
        }
        const widgets::Theme& theme = widgets::Theme::of(this);
        const nn::LayerDef* def = nn::findLayerDef(m_type.toStdString());
        m_figureWidth = figureRoom();
        if (def == nullptr) {
            setHtml(layerIndexHtml(theme));
        } else {
            document()->addResource(QTextDocument::ImageResource, QUrl(QLatin1String(kFigureUrl)),
                                    figureOf(*def, theme));
            setHtml(layerPageHtml(*def, theme));
        }
        m_shown = m_type.isNull() ? QStringLiteral("") : m_type;
    }

    /// As wide as the panel at most: what does not fit is made smaller.
    [[nodiscard]] QImage figureOf(const nn::LayerDef& def, const widgets::Theme& theme) {
        auto [entry, isNew] = m_figures.try_emplace(def.type);
        if (isNew) {
            entry->second = layerFigure(def);
        }
        const qreal ratio = devicePixelRatioF();
        const int width = widgets::layerFigureSize(entry->second).width();
        const qreal scale = width <= 0 ? 1.0 : std::min(1.0, qreal(m_figureWidth) / width);
        // Drawn in the size it is shown in: text stays crisp.
        QImage image = widgets::layerFigureImage(entry->second, theme, ratio * scale);
        image.setDevicePixelRatio(ratio);
        return image;
    }

    Session& m_session;
    QString m_type;
    QString m_shown;
    int m_figureWidth = 0;
    bool m_isLookedAt = false;
    std::map<std::string, widgets::LayerFigure> m_figures;
};

} // namespace

QWidget* makeHelpPanel(Session& session, QWidget* parent) {
    auto* panel = new HelpPanel(session, parent);
    if (auto* dock = qobject_cast<QDockWidget*>(parent)) {
        QObject::connect(dock, &QDockWidget::visibilityChanged, panel, &HelpPanel::setLookedAt);
    }
    return panel;
}

} // namespace app
