/** Fictional data: invented names, reserved phone numbers and reserved e-mail domains. */

export const FIRST_NAMES =
  "Ada Alban Beatrix Bram Celia Cormac Delia Desmond Edda Elias Fern Florian Greta Gideon Hanna Hugo Ines Ivo Juno Jasper Kira Kit Lena Linus Mabel Milo Nora Niall Odette Oskar Petra Piers Quill Ramona Rufus Saskia Silas Tamsin Tobias Una Vera Viggo Wilma Willem Yara Zeno".split(
    " ",
  );

export const SURNAMES =
  "Ashgrove Birchwater Brambleby Brightmoor Calderstone Cloverdell Copperfell Dapplewood Driftmere Eastlake Fairbrook Fernsby Foxhollow Glasswell Goldenrod Greyfen Harrowmead Hazelton Hollybank Ivybridge Juniperus Kettlewell Larkmoor Lindenhall Marshwood Merriwater Mossgate Nettlecombe Nightingrove Pebblecreek Pinehurst Quillfeather Ravensdale Reedmarsh Rosethorn Rushbrook Sedgewater Silverlane Stonebeck Summerhill Swanmere Thistledown Thornbury Wetherfield Willowmere Windlestone Wrenfield Yarrowby".split(
    " ",
  );

export const COMPANIES = [
  ["Larkmoor Bakery", "Bakery"],
  ["Copperfell Books", "Shop"],
  ["Hollybank Montessori", "School"],
  ["Fernsby & Daughters Realty", "Office"],
  ["Silverlane Optics", "Shop"],
  ["Thistledown Veterinary", "Clinic"],
  ["Brightmoor Law", "Office"],
  ["Juniperus Yoga", "Studio"],
  ["Reedmarsh Credit Union", "Branch"],
  ["Swanmere Terrace HOA", "Clubhouse"],
  ["Greyfen Brewing", "Taproom"],
  ["Windlestone Dental", "Office"],
  ["Rosethorn Flowers", "Shop"],
  ["Mossgate Senior Living", "Main house"],
  ["Driftmere Boat Club", "Boathouse"],
  ["Kettlewell Coffee", "Cafe"],
  ["Summerhill Pediatrics", "Clinic"],
  ["Wrenfield Library Friends", "Reading room"],
  ["Pebblecreek Motors", "Showroom"],
  ["Ivybridge Gallery", "Gallery"],
  ["Eastlake Rowing", "Boathouse"],
  ["Goldenrod Grocers", "Store"],
  ["Stonebeck Architects", "Office"],
  ["Yarrowby Inn", "Inn"],
] as const;

export const STREETS =
  "Alder Lane,Bluebell Court,Cobble Road,Dovecote Drive,Evergreen Way,Foundry Street,Gristmill Road,Heron Lane,Ironwood Trail,Jasmine Court,Kestrel Drive,Lantern Street,Meadowlark Way,Northfield Road,Orchard Terrace,Paddock Lane,Quarry Street,Robin Court,Sugar Creek Road,Tamarack Trail,Upland Drive,Valley View,Waterwheel Road,Yellowstone Way".split(
    ",",
  );

/** City and the first four digits of its postal codes. */
export const CITIES = [
  ["Madison", "5371"],
  ["Madison", "5370"],
  ["Middleton", "5356"],
  ["Fitchburg", "5357"],
  ["Sun Prairie", "5359"],
  ["Verona", "5359"],
  ["Monona", "5371"],
  ["Waunakee", "5359"],
] as const;

/** Area codes of the state without 608, which the guide's customers use. */
export const AREA_CODES = ["262", "414", "715", "920"] as const;

export const HOME_NOTES = [
  "Two dogs, friendly; shut the side gate.",
  "Prefers a text half an hour before we come.",
  "Pays by check on the day, wants a paper receipt.",
  "Works nights: no bell before eleven.",
  "Sunroom glass is from 1962, no blades on it.",
  "Allergic to ammonia, vinegar mix only.",
  "Spare key with the neighbor at the blue house.",
  "Baby sleeps from one to three.",
  "Asked for the same person every time.",
  "Leaded panes upstairs, go gently.",
  "New screens since spring, the old ones were torn.",
  "Wants the storm windows swapped in October.",
  "Hard water stains on the north side; told them it takes two visits.",
  "Travels a lot, e-mail is best.",
  "Recommended us to the whole cul-de-sac.",
  "Hydrangeas under the bay window: ladder on the lawn, please.",
];

export const OPTED_OUT_NOTE = "Wants neither letters nor calls from us; the visits are agreed a year ahead.";

export const COMPANY_NOTES = [
  "Come before they open at nine.",
  "Invoice goes to accounts payable, order number on it.",
  "Sign in at the front desk.",
  "Fingerprints on the glass door every week.",
  "No work during the Tuesday market.",
  "Lift has to be booked with the caretaker a day ahead.",
];

export const ACCESS_NOTES = [
  "Gate code is on the work order.",
  "Park on the street, the drive is steep.",
  "Water tap is behind the garage.",
  "Ladder only from the back.",
  "Ring twice, the bell is weak.",
];

export const VISIT_NOTES = [
  "Bring the long pole.",
  "Kitchen first, they leave at ten.",
  "Upstairs bathroom pane is cracked already, photo taken.",
  "Mind the fresh paint on the porch.",
  "Customer asked about gutters, give a price.",
  "Check the skylight seal while you are up there.",
  "Bird nest above the garage window: leave that one.",
  "Last time we forgot the basement wells.",
];

export const CANCEL_REASONS = [
  "Customer is ill.",
  "Bad weather forecast.",
  "Visitors in town that week.",
  "Painters are late, windows are still taped.",
  "Wants to wait until the roofers are gone.",
];

export const NO_SHOW_REASONS = [
  "Nobody there, phone went to voicemail.",
  "Gate locked, waited twenty minutes.",
  "Bell rung twice, no answer; left a card.",
];

export const LOST_REASONS = [
  "Chose a cheaper offer.",
  "Brother-in-law does it now.",
  "Found somebody closer.",
  "Wanted it the same day.",
];

/** Raw notes of leads; `NAME` and `STREET` are placeholders. */
export const CALLS = [
  "NAME called about STREET. Ranch house, about 20 windows, never had them done. Wants a price for inside and outside.",
  "Web form: NAME, STREET. Moving in next month, would like everything cleaned before the furniture comes.",
  "NAME, neighbor of a customer, STREET. Screens only, fourteen of them. Asked if we can do Saturdays.",
  "Voicemail from NAME: three skylights at STREET, pigeons. Call back after five.",
  "NAME runs a small office at STREET, six big panes and a glass door. Monthly if the price is right.",
  "NAME, STREET. Solar panels on a low roof, 18 of them, yield is down. Has a garden hose only.",
  "Met NAME at the spring fair. Split level at STREET, gutters full of maple leaves, windows after that.",
  "NAME asked for a quote for STREET: sunroom, 11 panes, one cracked. Needs a certificate of insurance.",
  "NAME saw the van. Townhouse STREET, outside only, twice a year. No hurry.",
  "NAME, STREET, sells the house in four weeks, photographer comes on a Thursday. Wants it sparkling.",
];
