// What the bundle of Vega, Vega-Lite and Vega-Embed leaves behind for charts.js. The names on the right are those
// vl_convert.javascript_bundle() gives to a snippet; the bundle becomes assets/vega.js of the published site.
window.vega = vega;
window.vegaEmbed = vegaEmbed;
