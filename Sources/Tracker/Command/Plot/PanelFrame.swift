/// Where a panel lies in the picture, and the plot inside it.
struct PanelFrame {
    var left: Double
    var top: Double
    var width: Double
    var height: Double

    var plotLeft: Double { left + 56 }
    var plotRight: Double { left + width - 12 }
    var plotTop: Double { top + 30 }
    var plotBottom: Double { top + height - 44 }
}
