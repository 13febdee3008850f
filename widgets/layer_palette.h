#pragma once

#include "widgets/theme.h"

#include <QWidget>

namespace widgets {

/// All kinds of layers by category, searchable; drag, double click or Enter adds one.
class LayerPalette : public QWidget {
    Q_OBJECT

public:
    explicit LayerPalette(QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    /// The class names shown now, in order.
    [[nodiscard]] QStringList shownTypes() const;
    void setSearch(const QString& text);
    void focusSearch();

signals:
    void addWished(const QString& type);
};

} // namespace widgets
