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
  -- With its shape given, a picture off the screen need not be laid out (see site.css).
  local function picture(class, file)
    local svg = read("figures", file)
    local width, height = svg:match('width="([%d.]+)" height="([%d.]+)"')
    return ('<div class="%s" style="aspect-ratio:%s/%s">%s</div>'):format(class, width, height, svg)
  end
  return pandoc.RawBlock("html", table.concat({
    '<div class="chart" id="chart-' .. name .. '" data-figure="' .. name .. "." .. language .. '"><div class="chart-static">',
    picture("chart-wide", name .. "." .. language .. ".svg"),
    picture("chart-narrow", name .. "-narrow." .. language .. ".svg") .. "</div></div>",
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
      line.content:extend({ pandoc.Str("\u{a0}·"), pandoc.Space(), code })
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

-- No line begins with a dash, nor with the dot that parts the facts under a figure.
local function keep_with_the_word_before(inlines)
  local found = nil
  for place, inline in ipairs(inlines) do
    local before = place > 1 and inlines[place - 1].t == "Space"
    if before and inline.t == "Str" and (inline.text == "–" or inline.text == "·") then
      inlines[place - 1], found = pandoc.Str("\u{a0}"), inlines
    end
  end
  return found
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
  -- The list of sources cites nothing: it is all of them.
  if not cites and not document.meta.nocite then return nil end
  document.blocks:insert(pandoc.Header(2, words.references, pandoc.Attr("bibliography")))
  document.blocks:insert(pandoc.Div({}, pandoc.Attr("refs")))
  return document
end

-- ---- words a reader may not know: abbreviations are explained, terms lead to the glossary ----

local function letter(text) return pandoc.text.lower(text) ~= pandoc.text.upper(text) end

-- Text as a list of words and of what stands between them.
local function split(text)
  local parts, current, inside = {}, "", nil
  for _, code in utf8.codes(text) do
    local character = utf8.char(code)
    local here = letter(character)
    if inside ~= nil and here ~= inside then
      table.insert(parts, { text = current, word = inside })
      current = ""
    end
    current, inside = current .. character, here
  end
  if inside ~= nil then table.insert(parts, { text = current, word = inside }) end
  return parts
end

-- The rows of a table of data/, each by its columns' names.
local function read_csv(...)
  local cells = function(row)
    return row.cells:map(function(cell) return stringify(cell.contents) end)
  end
  local shown = pandoc.read(read(...), "csv").blocks[1]
  local names = cells(shown.head.rows[1])
  return shown.bodies[1].body:map(function(row)
    local record = {}
    for place, value in ipairs(cells(row)) do record[names[place]] = value end
    return record
  end)
end

local function exists(...)
  local file = io.open(pandoc.path.join({ project, ... }), "r")
  return file and file:close()
end

-- Short form → what it stands for, as a list: the thesis gives one of them two meanings.
local function abbreviations()
  local found = {}
  for short, full in pairs(read_yaml("assets", "abbreviations.yml")[language]) do found[short] = { stringify(full) } end
  if exists("data", "front-matter", "abbreviations.csv") then
    for _, row in ipairs(read_csv("data", "front-matter", "abbreviations.csv")) do
      local meanings = found[row.abbreviation] or {}
      if not pandoc.List(meanings):includes(row["expansion_" .. language]) then
        table.insert(meanings, row["expansion_" .. language])
      end
      found[row.abbreviation] = meanings
    end
  end
  return found
end

-- Each term as its words in small letters, and the id of its place in the glossary; the longest first.
local function terms()
  local found = pandoc.List()
  if not exists("data", "definitions.csv") then return found end
  local seen = {}
  for _, row in ipairs(read_csv("data", "definitions.csv")) do
    local bare = row["term_" .. language]:gsub("%s*%b()", "")
    if not seen[bare] then
      seen[bare] = true
      local sought = pandoc.List()
      for _, part in ipairs(split(pandoc.text.lower(bare))) do
        if part.word then sought:insert(part.text) end
      end
      local slug = row.term_en:gsub("%s*%b()", ""):lower():gsub("[^a-z0-9]+", "-")
      found:insert({ words = sought, target = depth .. "/chapters/glossary.html#term-" .. slug })
    end
  end
  found:sort(function(one, other) return #one.words > #other.words end)
  return found
end

-- How the endings of a Kazakh noun begin: plural, possession, case. «Террорлық» and «терроризм» are words of their own,
-- «террордың» is a form of «террор».
local ENDINGS = pandoc.List({
  "лар", "лер", "дар", "дер", "тар", "тер", "ы", "і", "сы", "сі", "ның", "нің", "дың", "дің", "тың", "тің", "ға", "ге",
  "қа", "ке", "ны", "ні", "ды", "ді", "ты", "ті", "да", "де", "та", "те", "мен", "бен", "пен",
})

local function is_form(word, stem)
  if word == stem then return true end
  if word:sub(1, #stem) ~= stem then return false end
  local rest = word:sub(#stem + 1)
  if language == "en" then return rest == "s" end
  return ENDINGS:find_if(function(ending) return rest:sub(1, #ending) == ending end) ~= nil
end

local function explain(document)
  local short, long, linked, explained = abbreviations(), terms(), {}, {}
  if page == "chapters/glossary.html" then long = {} end

  -- How many parts from `start` on are the term; nil when they are not.
  local function length(parts, start, term)
    local at = start
    for place, sought in ipairs(term.words) do
      if place > 1 then
        if not (parts[at] and parts[at].space) then return nil end
        at = at + 1
      end
      local part = parts[at]
      if not (part and part.word) then return nil end
      local word = pandoc.text.lower(part.text)
      if place == #term.words and not is_form(word, sought) or place < #term.words and word ~= sought then return nil end
      at = at + 1
    end
    return at - start
  end

  local function inlines(content)
    local parts = pandoc.List()
    for _, inline in ipairs(content) do
      if inline.t == "Str" then
        parts:extend(split(inline.text))
      else
        parts:insert({ inline = inline, space = inline.t == "Space" or inline.t == "SoftBreak" })
      end
    end
    local result, at = pandoc.Inlines({}), 1
    while at <= #parts do
      local part, taken = parts[at], nil
      if part.word then
        if short[part.text] and not explained[part.text] then
          explained[part.text] = true
          local full = table.concat(short[part.text], "; "):gsub("&", "&amp;"):gsub('"', "&quot;")
          result:insert(pandoc.RawInline("html",
            '<abbr class="explained" tabindex="0" title="' .. full .. '">' .. part.text .. "</abbr>"))
          taken = 1
        end
        -- «Counter-terrorism» is a word of its own.
        local joined = at > 1 and (parts[at - 1].text or ""):match("%-$")
        for _, term in ipairs((taken or joined) and {} or long) do
          local many = not linked[term.target] and length(parts, at, term)
          if many then
            linked[term.target] = true
            local text = pandoc.Inlines({})
            for place = at, at + many - 1 do text:insert(parts[place].inline or pandoc.Str(parts[place].text)) end
            result:insert(pandoc.Link(text, term.target, "", pandoc.Attr("", { "term" })))
            taken = many
            break
          end
        end
      end
      if not taken then
        result:insert(part.inline or pandoc.Str(part.text))
        taken = 1
      end
      at = at + taken
    end
    return result
  end

  local in_summary = false
  local function blocks(list)
    for _, block in ipairs(list) do
      if block.t == "RawBlock" then
        for tag in block.text:gmatch("</?summary") do in_summary = tag == "<summary" end
      elseif in_summary then -- a summary is pressed as a whole: nothing in it can be pressed by itself
      elseif block.t == "Header" then
        explained = {}
      elseif block.t == "Para" or block.t == "Plain" then
        block.content = inlines(block.content)
      elseif block.t == "BulletList" or block.t == "OrderedList" then
        for _, item in ipairs(block.content) do blocks(item) end
      elseif block.t == "Div" then
        local other = (block.attributes["when-profile"] or language) ~= language
        local float = block.identifier:match("^fig%-") or block.identifier:match("^tbl%-")
        local own = block.classes:find_if(function(class)
          return class == "provenance" or class == "key-figures" or class == "chapter-cards" or class == "callout-title"
        end)
        if not (other or float or own) then blocks(block.content) end
      end
    end
  end
  blocks(document.blocks)
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
    Inlines = keep_with_the_word_before,
  },
  { Pandoc = explain },
  { Pandoc = references },
}
