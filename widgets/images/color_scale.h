#pragma once

#include "widgets/images/tensor_image.h"
#include "widgets/theme.h"

#include <QWidget>

namespace widgets {

/// A legend: the bar of a colour map with the values of its ends (and zero when the map is
/// diverging).
class ColorScale : public QWidget {
    Q_OBJECT

public:
    explicit ColorScale(QWidget* parent = nullptr);

    /// `note` says how the range was found: "shared scale", "each map scaled alone".
    void setScale(ColorMapName map, ValueRange range, const QString& note);
    /// A legend without numbers ("low … high"), for maps that are each scaled alone.
    void setRelativeScale(ColorMapName map, const QString& note);
    void setTheme(const Theme& theme);
    /// What the legend says in words.
    [[nodiscard]] QString text() const;

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void updateAccessibleText();

    ColorMapName m_map = ColorMapName::Viridis;
    ValueRange m_range;
    bool m_isRelative = false;
    QString m_note;
    Theme m_theme;
};

} // namespace widgets
