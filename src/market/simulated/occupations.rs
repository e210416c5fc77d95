//! The occupations: codes and titles are those of the SOC, pay and weights are round numbers near those of OEWS.

use super::posting::Education;

/// The ten fields of work, three occupations each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    Health,
    Computing,
    Construction,
    Vehicles,
    Logistics,
    Business,
    Hospitality,
    Safety,
    Education,
    Manufacturing,
}

/// Occupations of a field stand together, in the order of [`Field`].
pub(super) const PER_FIELD: usize = 3;

impl Field {
    /// The place of its first occupation in [`OCCUPATIONS`].
    pub(super) fn first(self) -> usize {
        PER_FIELD * self as usize
    }

    /// Industry titles of its employers.
    pub(super) fn industries(self) -> &'static [&'static str] {
        match self {
            Self::Health => &["Hospitals", "Nursing Care Facilities", "Outpatient Care"],
            Self::Computing => &["Computer Systems Design", "Data Hosting"],
            Self::Construction => &["Specialty Trade Contractors", "Building Construction"],
            Self::Vehicles => &["Automotive Repair", "Motor Vehicle Dealers"],
            Self::Logistics => &["Truck Transportation", "Warehousing and Storage"],
            Self::Business => &["Accounting Services", "Insurance", "Administrative Services"],
            Self::Hospitality => &["Restaurants", "Accommodation"],
            Self::Safety => &["Security Services", "Local Government"],
            Self::Education => &["Child Care Services", "Schools", "Fitness Centers"],
            Self::Manufacturing => &["Metal Products Manufacturing", "Machinery Manufacturing"],
        }
    }

    /// Four-digit CIP family of the programmes that prepare for it.
    pub(super) fn cip4(self) -> &'static str {
        match self {
            Self::Health => "51.08",
            Self::Computing => "11.09",
            Self::Construction => "46.03",
            Self::Vehicles => "47.06",
            Self::Logistics => "49.02",
            Self::Business => "52.03",
            Self::Hospitality => "12.05",
            Self::Safety => "43.01",
            Self::Education => "19.07",
            Self::Manufacturing => "48.05",
        }
    }

    /// Two issuers of its certificates, invented.
    pub(super) fn issuers(self) -> [&'static str; 2] {
        match self {
            Self::Health => ["Halvorn Care Board", "Ostrea Health Guild"],
            Self::Computing => ["Dexa Skills Forum", "Nimbra Learning"],
            Self::Construction => ["Brannock Trades Council", "Tolvey Site Institute"],
            Self::Vehicles => ["Karrow Vehicle Institute", "Pellmar Motor Guild"],
            Self::Logistics => ["Wexley Freight Board", "Dunmere Haulage Office"],
            Self::Business => ["Orlith Office Institute", "Tamberly Ledger Society"],
            Self::Hospitality => ["Sorrel Table Council", "Quillon Guest Guild"],
            Self::Safety => ["Garrick Watch Board", "Fenmoor Rescue Council"],
            Self::Education => ["Larkspur Child Guild", "Aldine Learning Board"],
            Self::Manufacturing => ["Ferrow Metal Institute", "Castell Works Guild"],
        }
    }
}

/// One occupation.
#[derive(Debug)]
pub(super) struct Occupation {
    pub(super) soc: &'static str,
    pub(super) titles: [&'static str; 3],
    /// Median annual pay in US dollars at the start of the span.
    pub(super) median_usd: f64,
    /// Standard deviation of log pay between jobs of equal region, employer and ability.
    pub(super) spread: f64,
    /// Relative number of postings.
    pub(super) weight: f64,
    /// Whether pay is stated by the hour.
    pub(super) hourly: bool,
    pub(super) education: Education,
    pub(super) duties: [&'static str; 4],
    pub(super) skills: [&'static str; 2],
}

use Education::{Associate, Bachelor, HighSchool, None as NoDegree, PostsecondaryCertificate as Award};

#[rustfmt::skip]
#[expect(clippy::too_many_arguments, reason = "one line of a table")]
const fn job(
    soc: &'static str, titles: [&'static str; 3], median_usd: f64, spread: f64, weight: f64, hourly: bool,
    education: Education, duties: [&'static str; 4], skills: [&'static str; 2],
) -> Occupation {
    Occupation { soc, titles, median_usd, spread, weight, hourly, education, duties, skills }
}

/// The occupations, by field.
#[rustfmt::skip]
pub(super) static OCCUPATIONS: [Occupation; 30] = [
    job("31-9092", ["Medical Assistant", "Clinic Assistant", "Medical Office Assistant"], 38_000.0, 0.13, 4.0, true, Award,
        ["room patients and record vital signs", "prepare examination rooms between visits", "draw and label blood samples", "update charts in the records system"], ["patient intake", "records software"]),
    job("31-1131", ["Nursing Assistant", "Nurse Aide", "Resident Care Aide"], 34_500.0, 0.11, 5.0, true, HighSchool,
        ["help residents with bathing, dressing and meals", "turn and transfer residents safely", "report changes in condition to the charge nurse", "keep resident rooms clean and stocked"], ["safe transfers", "bedside care"]),
    job("29-2052", ["Pharmacy Technician", "Pharmacy Tech", "Retail Pharmacy Technician"], 38_500.0, 0.13, 3.0, true, HighSchool,
        ["fill and label prescriptions under supervision", "answer questions about refills by telephone", "submit insurance claims and solve rejections", "count stock and order medicines"], ["prescription entry", "inventory"]),
    job("15-1232", ["Help Desk Technician", "IT Support Specialist", "Desktop Support Technician"], 56_000.0, 0.2, 3.5, false, Associate,
        ["answer tickets by telephone, chat and in person", "set up laptops, printers and phones", "reset accounts and manage access rights", "write short articles for the knowledge base"], ["ticketing systems", "desktop imaging"]),
    job("15-1212", ["Information Security Analyst", "Security Operations Analyst", "Cyber Analyst"], 104_000.0, 0.25, 2.0, false, Bachelor,
        ["watch alerts and investigate incidents", "scan systems for weaknesses and track repairs", "review access rights each quarter", "write reports for auditors"], ["log analysis", "vulnerability scanning"]),
    job("15-1244", ["Network Administrator", "Systems Administrator", "Network and Systems Administrator"], 84_000.0, 0.22, 2.5, false, Bachelor,
        ["maintain switches, routers and wireless access", "patch servers and test backups", "plan capacity with the vendors", "document the network"], ["scripting", "routing and switching"]),
    job("47-2111", ["Electrician", "Journeyman Electrician", "Commercial Electrician"], 60_000.0, 0.2, 3.0, true, HighSchool,
        ["install conduit, panels and fixtures", "read blueprints and wiring diagrams", "find and repair faults in circuits", "keep work to code"], ["conduit bending", "blueprint reading"]),
    job("49-9021", ["HVAC Technician", "HVAC Service Technician", "Heating and Cooling Mechanic"], 52_000.0, 0.19, 2.5, true, Award,
        ["diagnose and repair heating and cooling units", "carry out seasonal maintenance visits", "braze, evacuate and charge systems", "explain repairs to customers"], ["brazing", "system diagnostics"]),
    job("47-2031", ["Carpenter", "Finish Carpenter", "Framing Carpenter"], 51_000.0, 0.2, 2.5, true, NoDegree,
        ["frame walls, floors and roofs", "hang doors and install trim", "measure and cut to drawings", "keep the site tidy and safe"], ["framing", "power tools"]),
    job("49-3023", ["Automotive Technician", "Auto Mechanic", "Automotive Service Technician"], 46_000.0, 0.2, 3.0, true, Award,
        ["diagnose drivability and electrical concerns", "replace brakes, steering and suspension parts", "perform scheduled maintenance", "road test vehicles after repair"], ["scan tools", "electrical diagnosis"]),
    job("49-3031", ["Diesel Mechanic", "Diesel Technician", "Fleet Mechanic"], 54_000.0, 0.17, 2.0, true, HighSchool,
        ["repair engines, brakes and drivelines of trucks", "carry out roadside repairs", "complete inspection forms", "order parts and record labor"], ["air brakes", "engine diagnostics"]),
    job("49-3021", ["Auto Body Technician", "Collision Repair Technician", "Body Shop Technician"], 47_000.0, 0.2, 1.5, true, HighSchool,
        ["straighten frames and replace panels", "prepare, mask and paint surfaces", "estimate damage with the adjuster", "fit glass and trim"], ["panel repair", "color matching"]),
    job("53-3032", ["Truck Driver", "Regional Truck Driver", "Over the Road Driver"], 48_500.0, 0.17, 5.0, true, NoDegree,
        ["haul freight on regional routes", "inspect the tractor and trailer before each trip", "keep hours-of-service logs", "secure loads and check paperwork"], ["route planning", "backing and docking"]),
    job("53-7051", ["Forklift Operator", "Lift Operator", "Warehouse Equipment Operator"], 39_000.0, 0.13, 3.5, true, NoDegree,
        ["move pallets between dock and racks", "load and unload trailers", "scan and count stock", "check equipment at the start of each shift"], ["pallet handling", "scanner use"]),
    job("43-5071", ["Shipping and Receiving Clerk", "Receiving Clerk", "Shipping Coordinator"], 37_000.0, 0.14, 3.0, true, HighSchool,
        ["check deliveries against orders", "print labels and bills of lading", "pack and stage outgoing orders", "report damage and shortages"], ["inventory software", "order picking"]),
    job("43-3031", ["Bookkeeper", "Accounting Clerk", "Accounts Payable Clerk"], 44_000.0, 0.17, 3.5, true, Award,
        ["post invoices and reconcile accounts", "prepare payroll and sales tax filings", "close the books each month", "answer vendor questions"], ["spreadsheets", "reconciliation"]),
    job("43-4051", ["Customer Service Representative", "Call Center Agent", "Member Services Representative"], 37_500.0, 0.15, 7.0, true, HighSchool,
        ["answer calls, chats and messages from customers", "solve billing and delivery problems", "record each contact", "offer products that fit the customer"], ["call handling", "data entry"]),
    job("43-6014", ["Administrative Assistant", "Office Assistant", "Secretary"], 40_500.0, 0.16, 5.0, true, HighSchool,
        ["keep calendars and arrange meetings", "prepare letters and reports", "greet visitors and answer telephones", "order supplies"], ["word processing", "scheduling"]),
    job("35-2014", ["Line Cook", "Restaurant Cook", "Prep Cook"], 33_000.0, 0.13, 5.0, true, NoDegree,
        ["prepare dishes to recipe during service", "set up and break down the station", "label and rotate food", "keep the kitchen clean"], ["knife work", "grill and saute"]),
    job("35-1012", ["Kitchen Supervisor", "Food Service Supervisor", "Shift Manager - Restaurant"], 37_500.0, 0.16, 3.0, true, HighSchool,
        ["schedule and coach the crew", "check temperatures and cleaning logs", "count cash and close the shift", "handle guest complaints"], ["scheduling", "cash handling"]),
    job("43-4081", ["Hotel Front Desk Agent", "Front Desk Clerk", "Guest Services Agent"], 30_500.0, 0.11, 2.5, true, HighSchool,
        ["check guests in and out", "take reservations by telephone", "balance the drawer at the end of the shift", "answer questions about the area"], ["reservation systems", "cash handling"]),
    job("33-9032", ["Security Guard", "Security Officer", "Patrol Officer - Private Security"], 34_500.0, 0.15, 4.0, true, NoDegree,
        ["patrol buildings and parking areas", "check badges and log visitors", "write incident reports", "watch camera screens"], ["report writing", "access control"]),
    job("29-2042", ["Emergency Medical Technician", "EMT", "Ambulance Technician"], 37_000.0, 0.15, 1.5, true, Award,
        ["answer emergency calls with a partner", "assess and stabilise patients", "drive and restock the ambulance", "write care reports"], ["patient assessment", "emergency driving"]),
    job("33-2011", ["Firefighter", "Firefighter Recruit", "Industrial Firefighter"], 52_000.0, 0.2, 1.0, false, HighSchool,
        ["respond to fires, spills and rescues", "inspect hydrants and equipment", "train with the crew each shift", "visit schools and businesses"], ["fire suppression", "equipment care"]),
    job("39-9011", ["Childcare Worker", "Daycare Teacher Assistant", "Infant Room Teacher"], 30_000.0, 0.12, 3.5, true, HighSchool,
        ["plan play and learning for small groups", "change, feed and comfort infants", "talk with parents each day", "keep rooms and toys clean"], ["lesson planning", "child observation"]),
    job("25-9045", ["Teacher Aide", "Teaching Assistant", "Paraprofessional"], 32_500.0, 0.12, 3.0, false, Associate,
        ["work with small groups on reading and numbers", "support pupils with individual plans", "supervise lunch and playground", "prepare materials for the teacher"], ["small-group teaching", "behavior support"]),
    job("39-9031", ["Personal Trainer", "Fitness Instructor", "Group Exercise Instructor"], 44_000.0, 0.25, 1.5, true, HighSchool,
        ["design plans for members", "teach group classes", "show members how to use equipment", "sell training packages"], ["exercise planning", "coaching"]),
    job("51-4121", ["Welder", "MIG Welder", "Structural Welder"], 47_000.0, 0.16, 2.5, true, HighSchool,
        ["weld parts to drawings and specifications", "grind and finish joints", "set up machines and fixtures", "check welds with gauges"], ["blueprint reading", "MIG and TIG"]),
    job("51-4041", ["Machinist", "CNC Machinist", "CNC Operator"], 48_000.0, 0.16, 2.0, true, HighSchool,
        ["set up and run mills and lathes", "measure parts with micrometers", "adjust offsets and replace tools", "keep machines clean and oiled"], ["offsets", "precision measurement"]),
    job("51-9061", ["Quality Inspector", "Quality Technician", "QC Inspector"], 43_500.0, 0.17, 2.5, true, HighSchool,
        ["inspect parts on arrival and before shipping", "record measurements and defects", "calibrate gauges", "work with operators on corrections"], ["gauges", "sampling plans"]),
];
