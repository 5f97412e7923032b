// The words that invented movies are made of. Any resemblance to a real movie is chance.
#include "jobs/movies/words.h"

namespace matinee::jobs::movies {

Words adjectives() {
  static constexpr std::string_view words[] = {
      "Silent",    "Crimson",   "Hidden",    "Golden",    "Broken",    "Distant",  "Electric",
      "Frozen",    "Gentle",    "Hollow",    "Invisible", "Last",      "Lonely",   "Midnight",
      "Nameless",  "Painted",   "Quiet",     "Restless",  "Scarlet",   "Second",   "Secret",
      "Seventh",   "Shattered", "Stolen",    "Sunken",    "Tender",    "Third",    "Unfinished",
      "Velvet",    "Wandering", "Wild",      "Winter",    "Wooden",    "Young",    "Bitter",
      "Borrowed",  "Burning",   "Careless",  "Crooked",   "Dancing",   "Endless",  "Fallen",
      "Faithful",  "Final",     "Forgotten", "Glass",     "Grey",      "Honest",   "Idle",
      "Iron",      "Lost",      "Lucky",     "Marble",    "Missing",   "Narrow",   "Northern",
      "Open",      "Paper",     "Perfect",   "Patient",   "Reluctant", "Royal",    "Rusty",
      "Salt",      "Shallow",   "Silver",    "Sleeping",  "Slow",      "Southern", "Strange",
      "Sudden",    "Sweet",     "Thin",      "Uncertain", "Vanishing", "Violet",   "Weary",
      "Whispering"};
  return words;
}

Words nouns() {
  static constexpr std::string_view words[] = {
      "Harbor",     "Mirror",     "Garden",    "Letter",   "Orchard",       "Lantern",
      "Compass",    "River",      "Theatre",   "Piano",    "Winter",        "Bridge",
      "Clock",      "Door",       "Engine",    "Feather",  "Ferry",         "Fever",
      "Forest",     "Frontier",   "Ghost",     "Harvest",  "Horizon",       "Hotel",
      "Island",     "Journey",    "Key",       "Kingdom",  "Ladder",        "Lighthouse",
      "Machine",    "Map",        "Meadow",    "Melody",   "Memory",        "Merchant",
      "Morning",    "Mountain",   "Night",     "Ocean",    "Painter",       "Passenger",
      "Photograph", "Pilot",      "Promise",   "Railway",  "Rehearsal",     "Rain",
      "Road",       "Sailor",     "Season",    "Shadow",   "Ship",          "Silence",
      "Snow",       "Song",       "Staircase", "Stranger", "Summer",        "Tailor",
      "Telegram",   "Thief",      "Tide",      "Tower",    "Traveller",     "Umbrella",
      "Valley",     "Village",    "Violin",    "Visitor",  "Voice",         "Voyage",
      "Waltz",      "Watchmaker", "Well",      "Window",   "Witness",       "Wolf",
      "Writer",     "Astronomer", "Carnival",  "Curtain",  "Detective",     "Gambler",
      "Gardener",   "Inventor",   "Librarian", "Matinee",  "Projectionist", "Audience"};
  return words;
}

Words places() {
  static constexpr std::string_view words[] = {
      "Lisbon",    "Trieste",   "Reykjavik", "Marseille", "Kyoto",    "Valparaiso", "Tangier",
      "Odessa",    "Ghent",     "Bergen",    "Zanzibar",  "Havana",   "Prague",     "Galway",
      "Samarkand", "Tbilisi",   "Naples",    "Montreal",  "Riga",     "Antwerp",    "Cadiz",
      "Dresden",   "Edinburgh", "Fez",       "Gdansk",    "Helsinki", "Izmir",      "Jaipur",
      "Krakow",    "Lagos",     "Malmo",     "Nairobi",   "Oaxaca",   "Porto",      "Quito",
      "Rotterdam", "Salzburg",  "Tallinn",   "Utrecht",   "Venice",   "Yokohama"};
  return words;
}

Words first_names() {
  static constexpr std::string_view words[] = {
      "Ada",    "Alba",    "Amir",    "Anouk",   "Anton",  "Astrid",  "Beatriz",  "Benno",
      "Bruno",  "Camille", "Carla",   "Casper",  "Clara",  "Cosima",  "Dario",    "Dora",
      "Edgar",  "Elias",   "Elif",    "Emil",    "Esther", "Fabian",  "Farah",    "Felix",
      "Fiona",  "Florian", "Freya",   "Gaspard", "Greta",  "Hana",    "Hugo",     "Ida",
      "Ilse",   "Imani",   "Ines",    "Ivo",     "Jonas",  "Joost",   "Judith",   "Kaito",
      "Karim",  "Kerstin", "Lars",    "Leila",   "Leonie", "Liv",     "Lorenzo",  "Lucía",
      "Magda",  "Malik",   "Marisol", "Mateo",   "Mila",   "Naomi",   "Nils",     "Nora",
      "Odile",  "Olga",    "Oskar",   "Paloma",  "Pascal", "Petra",   "Quentin",  "Rafael",
      "Ramona", "Rosa",    "Ruben",   "Sabine",  "Samir",  "Selma",   "Søren",    "Stella",
      "Tadeo",  "Tessa",   "Theo",    "Tove",    "Ulrike", "Umberto", "Valentin", "Vera",
      "Viggo",  "Wanda",   "Wim",     "Xenia",   "Yara",   "Yusuf",   "Zoë"};
  return words;
}

Words last_names() {
  static constexpr std::string_view words[] = {
      "Abendroth",    "Almeida",     "Andersen",  "Aoki",       "Arslan",    "Bakker",
      "Baptiste",     "Bellweather", "Bergström", "Blanchard",  "Brandt",    "Calloway",
      "Castellan",    "Corvino",     "Dahl",      "Darrow",     "Delacroix", "Demir",
      "Duarte",       "Eklund",      "Elsworth",  "Ferrante",   "Fontaine",  "Fairweather",
      "Galloway",     "Ginsberg",    "Grönlund",  "Hadley",     "Haldane",   "Hartwig",
      "Hollander",    "Ibarra",      "Ishikawa",  "Jankowski",  "Jorgensen", "Kaplan",
      "Keller",       "Kowal",       "Kuznets",   "Lachapelle", "Lindqvist", "Lombard",
      "Maddox",       "Marchetti",   "Mbeki",     "Meridian",   "Montclair", "Nakagawa",
      "Nightingale",  "Novak",       "Obradov",   "Okafor",     "Olander",   "Paxton",
      "Pellegrin",    "Quintero",    "Ravenhill", "Reinholt",   "Rosewood",  "Salinas",
      "Sandoval",     "Santangelo",  "Sato",      "Solberg",    "Sorensen",  "Steiner",
      "Takahara",     "Tanner",      "Thackery",  "Ulbricht",   "Underhill", "Valcourt",
      "Vandermeer",   "Verhoeven",   "Villanova", "Wakefield",  "Weatherby", "Whitlock",
      "Winterbourne", "Yamane",      "Yilmaz",    "Zielinski",  "Zubiri"};
  return words;
}

}  // namespace matinee::jobs::movies
