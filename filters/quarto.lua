-- Quarto's Markdown for the built-in renderer: what of it the chapters use, with the HTML
-- that Quarto makes of it. Only Pandoc runs this filter.

local stringify = pandoc.utils.stringify
local language, words, crossref = nil, {}, {}
local numbers = { fig = 0, tbl = 0 }
local labels = {} -- identifier → its number as written

local WORDS = {
  ["fig-title"] = "Figure", ["fig-prefix"] = "Figure", ["fig-labels"] = "arabic",
  ["tbl-title"] = "Table", ["tbl-prefix"] = "Table", ["tbl-labels"] = "arabic",
}
-- Quarto ends every caption's id with this same constant.
local CAPTION = "-caption-0ceaefa1-69ba-4598-a22c-09a6ac19f8ca"

local function kind_of(identifier)
  local kind = identifier:match("^(%a+)%-")
  return numbers[kind] and kind
end

-- ::: {.content-visible when-profile="kk"}
local function conditional(block)
  if not block.classes:includes("content-visible") then return nil end
  if block.attributes["when-profile"] ~= language then return {} end
  return block.content
end

-- ::: {#fig-x} … caption ::: and ::: {#tbl-x} … caption :::
local function float(block)
  local kind = kind_of(block.identifier)
  if not kind then return nil end
  numbers[kind] = numbers[kind] + 1
  labels[block.identifier] = crossref[kind .. "-labels"] == "roman I" and pandoc.utils.to_roman_numeral(numbers[kind])
    or tostring(numbers[kind])
  local content = block.content
  local caption = content:remove(#content)
  local title = pandoc.Inlines({ pandoc.Str(crossref[kind .. "-title"] .. "\u{a0}" .. labels[block.identifier] .. ":"), pandoc.Space() })
  title:extend(caption.content)
  local place = kind == "tbl" and "top" or "bottom"
  local identifier = block.identifier .. CAPTION
  local figcaption = pandoc.Blocks({
    pandoc.RawBlock("html", ('<figcaption class="quarto-float-caption-%s quarto-float-caption quarto-float-%s" id="%s">')
      :format(place, kind, identifier)),
    pandoc.Plain(title),
    pandoc.RawBlock("html", "</figcaption>"),
  })
  local body = pandoc.Div(content, pandoc.Attr("", {}, { ["aria-describedby"] = identifier }))
  local result = pandoc.Blocks({ pandoc.RawBlock("html", ('<figure class="quarto-float quarto-float-%s">'):format(kind)) })
  if kind == "tbl" then result:extend(figcaption) end
  result:insert(body)
  if kind == "fig" then result:extend(figcaption) end
  result:insert(pandoc.RawBlock("html", "</figure>"))
  return pandoc.Div(result, pandoc.Attr(block.identifier, { "quarto-float", "quarto-figure", "quarto-figure-center" }))
end

local function caption_top(element)
  element.classes:insert("caption-top")
  return element
end

-- ``` {.python .cell-code}, folded
local function fold(block)
  if not block.classes:includes("cell-code") then return nil end
  return {
    pandoc.RawBlock("html", '<details class="code-fold">\n<summary>' .. words["code-summary"] .. "</summary>"),
    block,
    pandoc.RawBlock("html", "</details>"),
  }
end

local function capitalised(text)
  return pandoc.text.upper(pandoc.text.sub(text, 1, 1)) .. pandoc.text.sub(text, 2)
end

-- @fig-x, @Fig-x at the start of a sentence, [-@fig-x], [see @fig-x; @fig-y]; what is not a
-- label is left for citeproc.
local function reference(cite)
  local links = pandoc.Inlines({})
  local first = cite.citations[1].id
  for _, citation in ipairs(cite.citations) do
    local identifier = citation.id:gsub("^%u", string.lower)
    local kind = kind_of(identifier)
    if not kind and #links > 0 then error("put a word between @" .. first .. " and @" .. identifier) end
    if not kind then return nil end
    local text = labels[identifier]
    if not text then error("@" .. identifier .. " names no figure or table of this page") end
    if citation.mode ~= "SuppressAuthor" then
      local prefix = #citation.prefix > 0 and stringify(citation.prefix) or crossref[kind .. "-prefix"]
      if identifier ~= citation.id then prefix = capitalised(prefix) end
      text = prefix .. "\u{a0}" .. text
    end
    if #links > 0 then links:extend({ pandoc.Str(","), pandoc.Space() }) end
    links:insert(pandoc.Link({ pandoc.Str(text) }, "#" .. identifier, "", pandoc.Attr("", { "quarto-xref" })))
  end
  return links
end

return {
  {
    Meta = function(meta)
      language = stringify(meta.lang)
      words = { ["code-summary"] = meta.language and stringify(meta.language["code-summary"]) or "Code" }
      for key, default in pairs(WORDS) do
        crossref[key] = meta.crossref and meta.crossref[key] and stringify(meta.crossref[key]) or default
      end
    end,
  },
  { Div = conditional },
  { traverse = "topdown", Div = float, Table = caption_top, CodeBlock = fold },
  { Cite = reference },
}
