"""Words that addresses are made of: kinds of streets, states, and the forms of European addresses."""

_KINDS = (
    "Alley|Annex|Arcade|Avenue|Ave|Bayou|Beach|Bend|Bluff|Bluffs|Bottom|Boulevard|Blvd|Branch|Bridge|Brook|Brooks|"
    "Burg|Burgs|Bypass|Camp|Canyon|Cape|Causeway|Center|Centers|Circle|Circles|Cir|Cliff|Cliffs|Close|Club|Common|"
    "Commons|Corner|Corners|Course|Court|Ct|Courts|Cove|Coves|Creek|Crescent|Cres|Crest|Crossing|Crossroad|Curve|"
    "Dale|Dam|Divide|Drive|Dr|Drives|Drove|Estate|Estates|Expressway|Extension|Extensions|Fall|Falls|Ferry|Field|"
    "Fields|Flat|Flats|Ford|Fords|Forest|Forge|Forges|Fork|Forks|Fort|Freeway|Garden|Gardens|Gateway|Gate|Glen|Glens|"
    "Green|Greens|Grove|Groves|Harbor|Harbors|Haven|Heights|Highway|Hwy|Hill|Hills|Hollow|Inlet|Island|Islands|Isle|"
    "Junction|Junctions|Key|Keys|Knoll|Knolls|Lake|Lakes|Land|Landing|Lane|Ln|Light|Lights|Loaf|Lock|Locks|Lodge|"
    "Loop|Mall|Manor|Manors|Meadow|Meadows|Mews|Mill|Mills|Mission|Motorway|Mount|Mountain|Mountains|Neck|Orchard|"
    "Oval|Overpass|Parade|Park|Parks|Parkway|Pkwy|Parkways|Pass|Passage|Path|Pike|Pine|Pines|Place|Pl|Plain|Plains|"
    "Plaza|Point|Points|Port|Ports|Prairie|Radial|Ramp|Ranch|Rapid|Rapids|Rest|Ridge|Ridges|Rise|River|Road|Rd|Roads|"
    "Route|Row|Rue|Run|Shoal|Shoals|Shore|Shores|Skyway|Spring|Springs|Spur|Spurs|Square|Sq|Squares|Station|"
    "Stravenue|Stream|Street|St|Streets|Summit|Terrace|Ter|Throughway|Trace|Track|Trafficway|Trail|Trl|Tunnel|"
    "Turnpike|Underpass|Union|Unions|Valley|Valleys|Via|Viaduct|View|Views|Village|Villages|Ville|Vista|Walk|Walks|"
    "Wall|Way|Ways|Well|Wells|Wharf|Yard"
)
STREET = f"(?:{_KINDS})"

STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|"
    "PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|DC|PR|VI|GU|AS|MP|FM|MH|PW|Alabama|Alaska|Arizona|Arkansas|California|"
    "Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|"
    "Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|New Hampshire|"
    "New Jersey|New Mexico|New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode Island|"
    "South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington|West Virginia|Wisconsin|Wyoming"
)

_CAPITAL = r"[A-ZÄÖÜÀÉÈ][a-zäöüßàâçéèêëîïôûñóíáú'’-]+"
_POST = rf"(?:,? [0-9]{{4,5}} {_CAPITAL}(?:[ -]{_CAPITAL}){{0,2}})?"
EUROPEAN = "|".join(
    (
        rf"{_CAPITAL}(?:straße|strasse|str\.|weg|platz|allee|gasse|ring|damm|ufer) [0-9]{{1,4}}[a-z]?{_POST}",
        rf"[0-9]{{1,4}}(?: bis| ter)?,? (?:rue|avenue|boulevard|place|allée|chemin|impasse|quai|cours)"
        rf"(?: (?:de|du|des|la|le|les|l'|d'|saint|sainte)){{0,2}}[ ']?{_CAPITAL}(?:[ -]{_CAPITAL}){{0,3}}{_POST}",
        rf"(?:Calle|Avenida|Avda\.|Plaza|Paseo|Via|Viale|Piazza|Corso|Rua|Largo)"
        rf"(?: (?:de|del|della|dei|do|da|la|el|las|los)){{0,2}} "
        rf"{_CAPITAL}(?:[ -]{_CAPITAL}){{0,3}},? (?:n[º°.]? ?)?[0-9]{{1,4}}{_POST}",
    )
)
