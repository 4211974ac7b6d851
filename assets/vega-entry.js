// What the bundle of Vega, Vega-Lite and Vega-Embed leaves behind for charts.js; the bundle becomes assets/vega.js of
// the published site. vl_convert.javascript_bundle() also offers a snippet the names `vega` and `vegaLite`, but both
// are null in 1.9: Vega itself is reached through the `view` that vegaEmbed() answers with.
window.vegaEmbed = vegaEmbed;
