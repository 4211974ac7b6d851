-- What every page needs and neither renderer has: the title in the page's language, the
-- navigation, links that work from any folder, and charts drawn from figures/.
-- Quarto and the built-in renderer both run this filter.

local stringify = pandoc.utils.stringify
local project = quarto and quarto.project.directory or "."
local depth, page, language, words

-- The page's place in the site, from the source's place in the project.
local function locate()
  local source = quarto and quarto.doc.input_file or PANDOC_STATE.input_files[1]
  source = pandoc.path.normalize(source)
  if quarto then source = pandoc.path.make_relative(source, project) end
  local folders = select(2, source:gsub("/", ""))
  depth = folders == 0 and "." or ("../"):rep(folders):sub(1, -2)
  page = source:gsub("%.%w+$", ".html")
end

local function to_page(source)
  return depth .. "/" .. source:gsub("%.qmd$", ".html")
end

-- Quarto's own `website: sidebar: contents:` as one flat list: sections and their pages.
local function flatten(contents, into)
  for _, item in ipairs(contents or {}) do
    if item.section then
      into:insert({ text = item.section, heading = true })
      flatten(item.contents, into)
    else
      local href, text = stringify(item.href), stringify(item.text)
      local here = href:gsub("%.qmd$", ".html") == page
      local number, name = text:match("^(%d[%d.]*)%s+(.+)$") -- the thesis's own number, set apart
      into:insert({ text = name or text, number = number, href = to_page(href), current = here or nil })
    end
  end
  return into
end

local function neighbours(navigation)
  local pages = navigation:filter(function(item) return item.href ~= nil end)
  for index, item in ipairs(pages) do
    if item.current then return pages[index - 1], pages[index + 1] end
  end
end

local function read(...)
  local path = pandoc.path.join({ ... })
  local file = io.open(pandoc.path.join({ project, path }), "r")
  if not file then error(path .. " is missing; `thesis execute` writes the figures") end
  local text = file:read("a")
  file:close()
  return text
end

local function read_yaml(...)
  return pandoc.read("---\n" .. read(...) .. "\n---\n", "markdown").meta
end

-- The picture for a desk and the one for a phone; charts.js draws the live chart from the figure's script.
local function chart(block)
  local name = block.attributes.figure
  if not name then return nil end
  return pandoc.RawBlock("html", table.concat({
    '<div class="chart" id="chart-' .. name .. '" data-figure="' .. name .. "." .. language .. '"><div class="chart-static">',
    '<div class="chart-wide">' .. read("figures", name .. "." .. language .. ".svg") .. "</div>",
    '<div class="chart-narrow">' .. read("figures", name .. "-narrow." .. language .. ".svg") .. "</div></div></div>",
  }, "\n"))
end

-- A cell that shows its code: the line under what it made also leads to the code.
local function cell(block)
  local coded = false
  block:walk({ CodeBlock = function(code) coded = coded or code.classes:includes("cell-code") end })
  if not coded or block.identifier == "" then return nil end
  return block:walk({
    Div = function(inner)
      if not inner.classes:includes("provenance") then return nil end
      local line = inner.content[#inner.content]
      local code = pandoc.Link(words.code, "#" .. block.identifier, "", pandoc.Attr("", { "to-code" }))
      line.content:extend({ pandoc.Str(" ·"), pandoc.Space(), code })
      return inner
    end,
  })
end

local function link(element)
  if element.target:match("^/[^/]") then
    element.target = depth .. element.target
    if element.target:match("^[^#?]+%.%w+$") and not element.target:match("%.qmd$") then
      element.attributes.download = ""
    end
  end
  if not element.target:match("^%a+:") then
    element.target = element.target:gsub("%.qmd$", ".html"):gsub("%.qmd#", ".html#")
  end
  return element
end

-- `::: {.callout-caution}`, a first heading being its title. Without its theme Quarto would
-- make a plain quotation of it, so the callout is taken before Quarto does (`at: pre-ast`).
local function callout(block, kind)
  local content = block.content
  local heading = content[1] and content[1].t == "Header" and content:remove(1)
  local title = heading and heading.content or words["callout-" .. kind]
  local result = pandoc.Blocks({
    pandoc.RawBlock("html", '<div class="callout callout-' .. kind .. '" role="note">'),
    pandoc.Div({ pandoc.Plain(title) }, pandoc.Attr("", { "callout-title" })),
  })
  result:extend(content)
  result:insert(pandoc.RawBlock("html", "</div>"))
  return result
end

-- A day is written with its month's name: the cell also carries it in a form that can be sorted.
local function dated(block)
  local file = io.open(pandoc.path.join({ project, "figures", block.identifier .. ".json" }), "r")
  if not file then return nil end
  local text = file:read("a")
  file:close()
  if not text:find('{"date": ', 1, true) then return nil end
  local rows = pandoc.json.decode(text, false)[language]
  return block:walk({
    Table = function(shown)
      for place, row in ipairs(shown.bodies[1].body) do
        for column, cell in ipairs(row.cells) do
          local value = rows[place + 1][column]
          if type(value) == "table" and value.date then cell.attr.attributes["data-value"] = value.date end
        end
      end
      return shown
    end,
  })
end

local function div(block)
  if block.identifier:match("^tbl%-") then return dated(block) end
  if block.classes:includes("chart") then return chart(block) end
  if block.classes:includes("cell") then return cell(block) end
  for _, class in ipairs(block.classes) do
    local kind = class:match("^callout%-(%a+)$")
    if kind and kind ~= "title" then return callout(block, kind) end
  end
end

-- Pandoc turns the dashes of a wide pipe table into widths; the style sheet sets them.
local function let_columns_find_their_width(element)
  for index, column in ipairs(element.colspecs) do element.colspecs[index] = { column[1] } end
  return element
end

-- A page that cites anything ends with its references, under a heading of its own.
local function references(document)
  local cites = false
  document:walk({
    traverse = "topdown",
    Div = function(block) -- Quarto has not yet dropped the other language
      if (block.attributes["when-profile"] or language) ~= language then return {}, false end
    end,
    Cite = function(cite)
      local kind = (cite.citations[1].id:match("^(%a+)%-") or ""):lower()
      cites = cites or (kind ~= "fig" and kind ~= "tbl")
    end,
  })
  if not cites then return nil end
  document.blocks:insert(pandoc.Header(2, words.references, pandoc.Attr("bibliography")))
  document.blocks:insert(pandoc.Div({}, pandoc.Attr("refs")))
  return document
end

-- What machines read in a page's head: its address, how to cite it, its picture for social networks.
local function describe(meta)
  local address = (os.getenv("SITE_URL") or stringify(meta["site-address"])):gsub("/*$", "/")
  local here = language .. "/" .. page
  meta.canonical = address .. here
  meta["alternate-canonical"] = address .. meta["alternate-lang"] .. "/" .. page
  meta.social = address .. language .. "/social/" .. page:match("([^/]+)%.html$") .. ".png"
  meta["citation-name"] = page:match("([^/]+)%.html$")
  -- The address of one's own machine is none to cite.
  if not address:match("^https?://127%.") and not address:match("^https?://localhost") then
    meta["citation-address"] = meta.canonical
  end
end

return {
  {
    Meta = function(meta)
      locate()
      language = stringify(meta.lang)
      for _, key in ipairs({ "title", "subtitle", "description" }) do
        meta[key] = meta[key .. "-" .. language] or meta[key]
      end
      -- Quarto keeps `website:` to itself, so the profile's own file is read for it.
      local website = read_yaml("_quarto-" .. language .. ".yml").website
      words = read_yaml("assets", "words.yml")[language]
      meta.words = words
      meta["site-title"] = website.title
      local title, site = stringify(meta.title), stringify(website.title)
      meta.pagetitle = page == "index.html" and title or title .. " · " .. site
      meta.root = depth
      meta.page = page
      meta.home = page == "index.html" or nil
      local other = language == "kk" and "en" or "kk"
      meta["alternate-lang"] = other
      meta.alternate = depth .. "/../" .. other .. "/" .. page
      describe(meta)
      meta.navigation = flatten(website.sidebar.contents, pandoc.List())
      meta.previous, meta.next = neighbours(meta.navigation)
      return meta
    end,
  },
  {
    Div = div,
    Link = link,
    Table = let_columns_find_their_width,
  },
  { Pandoc = references },
}
